import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { type SqliteConnection, SqliteError } from '#adapters/sqlite/connection.ts';
import { fault } from '#contract/errors.ts';

/** A constraint is the query's affair; anything else means that the engine does not answer. */
const named = (thrown: unknown): unknown =>
  thrown instanceof SqliteError && !thrown.code.startsWith('SQLITE_CONSTRAINT')
    ? fault('REGISTRY_UNAVAILABLE', { reason: thrown.message }, thrown)
    : thrown;

const connectionOn = (sqlite: SqliteConnection): DatabaseConnection => ({
  executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
    const [result] = await sqlite.execute([{ sql, parameters }], 'each').catch((thrown: unknown) => {
      throw named(thrown);
    });
    return { rows: (result?.rows ?? []) as R[], numAffectedRows: BigInt(result?.changes ?? 0) };
  },
  streamQuery: () => {
    throw fault('REGISTRY_UNAVAILABLE', { reason: 'this engine reads whole answers, it does not stream' });
  },
});

/** One connection, lent to one query or transaction at a time, in the order they come. */
const createDriver = (sqlite: SqliteConnection): Driver => {
  const connection = connectionOn(sqlite);
  const waiting: (() => void)[] = [];
  let lent = false;
  const run = async (sql: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection: async () => {
      if (lent) await new Promise<void>((resolve) => waiting.push(resolve));
      lent = true;
      return connection;
    },
    releaseConnection: () => {
      const next = waiting.shift();
      if (next === undefined) lent = false;
      else next();
      return Promise.resolve();
    },
    beginTransaction: () => run('begin immediate'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    destroy: () => sqlite.close(),
  };
};

/** Kysely on our worker thread. Closing the database closes the connection. */
export const sqliteDialect = (sqlite: SqliteConnection): Dialect => ({
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => createDriver(sqlite),
  createIntrospector: (database) => new SqliteIntrospector(database),
  createQueryCompiler: () => new SqliteQueryCompiler(),
});
