import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import pg from 'pg';
import { fault, reasonOf } from '#contract/errors.ts';

/** SQLSTATE class 23, integrity constraint violation. */
const CONSTRAINT_CLASS = '23';

/** A constraint is the query's affair; anything else means that the engine does not answer. */
const named = (thrown: unknown): unknown =>
  thrown instanceof pg.DatabaseError && thrown.code?.startsWith(CONSTRAINT_CLASS) === true
    ? thrown
    : fault('REGISTRY_UNAVAILABLE', { reason: reasonOf(thrown) }, thrown);

interface LentConnection extends DatabaseConnection {
  giveBack(): void;
}

const lend = (client: pg.PoolClient): LentConnection => {
  let broken: Error | undefined;
  const breaks = (error: Error): void => {
    broken = error;
  };
  client.on('error', breaks);
  return {
    executeQuery: async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      try {
        const { rows, rowCount } = await client.query(sql, [...parameters]);
        return { rows: rows as R[], numAffectedRows: BigInt(rowCount ?? 0) };
      } catch (thrown) {
        throw named(thrown);
      }
    },
    streamQuery: () => {
      throw fault('REGISTRY_UNAVAILABLE', { reason: 'the registry reads whole answers, it does not stream' });
    },
    giveBack: () => {
      client.off('error', breaks);
      client.release(broken);
    },
  };
};

const createDriver = (pool: pg.Pool): Driver => {
  const run = async (connection: DatabaseConnection, sql: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(sql));
  };
  return {
    init: () => Promise.resolve(),
    acquireConnection: async () => {
      try {
        return lend(await pool.connect());
      } catch (thrown) {
        throw named(thrown);
      }
    },
    releaseConnection: (connection) => {
      (connection as LentConnection).giveBack();
      return Promise.resolve();
    },
    beginTransaction: (connection, { isolationLevel }) =>
      run(connection, isolationLevel === undefined ? 'begin' : `begin isolation level ${isolationLevel}`),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: (connection) => run(connection, 'rollback'),
    destroy: () => pool.end(),
  };
};

/** Kysely on a pool of connections. Closing the database ends the pool. */
export const postgresqlDialect = (pool: pg.Pool): Dialect => ({
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => createDriver(pool),
  createIntrospector: (database) => new PostgresIntrospector(database),
  createQueryCompiler: () => new PostgresQueryCompiler(),
});
