import { createHash } from 'node:crypto';
import { type Kysely, PostgresAdapter, sql } from 'kysely';
import { z } from 'zod';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { migrate, migrateBack, requireSchema, stampedVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { databaseOn, type RegistryEngine } from './shared-registry.ts';
import type { RegistryTables } from './tables.ts';

/**
 * A registry as text, one JSON value a line: first what it is, then rows by table, last how many there were and the SHA-256
 * of all lines before. It is restored on either engine. Sessions are not in it: people sign in again.
 */
const FORMAT = 1;
const LEFT_OUT = ['session'];

const tablesAt = (schema: number): string[] =>
  MIGRATIONS.slice(0, schema)
    .flatMap(({ owners }) => Object.keys(owners))
    .filter((table) => !LEFT_OUT.includes(table));
const ROWS_A_LINE = 500;

const headLine = z.strictObject({ axone: z.literal('registry'), format: z.literal(FORMAT), schema: z.int().min(1) });
const rowsLine = z.strictObject({ table: z.string(), rows: z.array(z.record(z.string(), z.unknown())) });
const endLine = z.strictObject({ rows: z.int().min(0), sha256: z.string() });

type Database = Kysely<RegistryTables>;

const isPostgresql = (database: Database): boolean => database.getExecutor().adapter instanceof PostgresAdapter;

/** Rows in the order of their place in the table, so that each is met once. */
const rowsOf = async function* (database: Database, table: string): AsyncGenerator<Record<string, unknown>[]> {
  const place = sql.raw(isPostgresql(database) ? 'ctid' : 'rowid');
  for (let offset = 0; ; offset += ROWS_A_LINE) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} order by ${place} limit ${ROWS_A_LINE} offset ${offset}`.execute(database);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_A_LINE) return;
  }
};

/** One moment of the registry, whatever is written meanwhile. */
const atOneMoment = async (database: Database, read: (transaction: Database) => Promise<void>): Promise<void> => {
  const transaction = database.transaction();
  await (isPostgresql(database) ? transaction.setIsolationLevel('repeatable read') : transaction).execute(read);
};

/**
 * Writes a registry, line by line, while its services run. Gives the number of its rows. Rejects with
 * `REGISTRY_UNAVAILABLE`, `DATA_FOLDER_NEWER` or `REGISTRY_NOT_MIGRATED`.
 */
export const archiveRegistry = async (engine: RegistryEngine, write: (line: string) => Promise<void>): Promise<number> => {
  const database = databaseOn(engine);
  const hash = createHash('sha256');
  const say = async (value: unknown): Promise<void> => {
    const line = JSON.stringify(value);
    hash.update(line);
    await write(line);
  };
  let count = 0;
  try {
    await requireSchema(database, engine.place);
    await atOneMoment(database, async (transaction) => {
      await say({ axone: 'registry', format: FORMAT, schema: MIGRATIONS.length });
      for (const table of tablesAt(MIGRATIONS.length))
        for await (const rows of rowsOf(transaction.withoutPlugins(), table)) {
          count += rows.length;
          await say({ table, rows });
        }
    });
  } finally {
    await database.destroy();
  }
  await write(JSON.stringify({ rows: count, sha256: hash.digest('hex') }));
  return count;
};

/** Lines of an archive, their place known to the messages. */
class ArchiveReader {
  readonly #lines: AsyncIterator<string>;
  readonly #hash = createHash('sha256');
  #line = 0;
  /** The line being read: the sum of an archive covers those before its last. */
  #held: string | null = null;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  refuse(problem: string): never {
    throw fault('ARCHIVE_INVALID', { line: this.#line, problem });
  }

  async head(): Promise<z.output<typeof headLine>> {
    return this.#parse(headLine, await this.#next());
  }

  /** All that is between the first line and the last, which is checked. */
  async *rows(tables: readonly string[]): AsyncGenerator<z.output<typeof rowsLine>> {
    let count = 0;
    for (;;) {
      const line = await this.#next();
      if (!line.startsWith('{"table"')) {
        const end = this.#parse(endLine, line);
        if (end.rows !== count) this.refuse(`${count} rows were there of ${end.rows}`);
        if (end.sha256 !== this.#hash.copy().digest('hex')) this.refuse('its lines are not those that were written');
        return;
      }
      const part = this.#parse(rowsLine, line);
      if (!tables.includes(part.table)) this.refuse(`there is no table ${part.table}`);
      count += part.rows.length;
      yield part;
    }
  }

  async #next(): Promise<string> {
    if (this.#held !== null) this.#hash.update(this.#held);
    const { done, value } = await this.#lines.next();
    this.#line += 1;
    if (done === true) this.refuse('it ends before its last line');
    this.#held = value;
    return value;
  }

  #parse<T>(schema: z.ZodType<T>, line: string): T {
    try {
      return schema.parse(JSON.parse(line));
    } catch (thrown) {
      return this.refuse(reasonOf(thrown));
    }
  }
}

const continueSequence = async (database: Database, table: string): Promise<void> => {
  const sequence = sql`pg_get_serial_sequence(${table}, 'sequence')`;
  await sql`select setval(${sequence}, max(sequence)) from ${sql.table(table)} having max(sequence) is not null`.execute(
    database,
  );
};

const fill = async (database: Database, archive: ArchiveReader, tables: readonly string[]): Promise<number> => {
  let count = 0;
  const grown = new Set<string>();
  // what the steps of the schema wrote themselves is in the archive too
  for (const table of tables) await sql`delete from ${sql.table(table)}`.execute(database);
  for await (const { table, rows } of archive.rows(tables)) {
    const untyped = database.withoutPlugins() as unknown as Kysely<Record<string, Record<string, unknown>>>;
    await untyped.insertInto(table).values(rows).execute();
    count += rows.length;
    if (rows.some((row) => 'sequence' in row)) grown.add(table);
  }
  if (isPostgresql(database)) for (const table of grown) await continueSequence(database, table);
  return count;
};

/**
 * Fills an empty registry from an archive of this version or of an earlier one, and gives the number of its rows. Nothing is
 * kept of an archive that is not whole: `ARCHIVE_INVALID` with its line; `REGISTRY_NOT_EMPTY`, `DATA_FOLDER_NEWER`.
 */
export const restoreRegistry = async (engine: RegistryEngine, lines: AsyncIterable<string>, logger: Logger): Promise<number> => {
  const database = databaseOn(engine);
  const { place } = engine;
  try {
    if ((await stampedVersion(database)) > 0) throw fault('REGISTRY_NOT_EMPTY', { place });
    const archive = new ArchiveReader(lines);
    const { schema } = await archive.head();
    if (schema > MIGRATIONS.length)
      throw fault('DATA_FOLDER_NEWER', { folder: 'the archive', found: schema, known: MIGRATIONS.length });
    try {
      await migrate(database, place, logger, schema);
      const count = await database.transaction().execute((transaction) => fill(transaction, archive, tablesAt(schema)));
      await migrate(database, place, logger);
      await engine.migrated?.(database);
      return count;
    } catch (thrown) {
      await migrateBack(database, place, 0, logger);
      throw thrown;
    }
  } finally {
    await database.destroy();
  }
};
