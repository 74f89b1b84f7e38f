import { type Kysely, PostgresAdapter, sql } from 'kysely';
import { z } from 'zod';
import { type Archive, beginArchive, openArchive, type WriteLine } from '#contract/archive.ts';
import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { migrate, migrateBack, requireSchema, stampedVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { databaseOn, type RegistryEngine } from './shared-registry.ts';
import type { RegistryTables } from './tables.ts';

/** Sessions are not in an archive: people sign in again. */
const LEFT_OUT = ['session'];
const ROWS_A_PART = 500;

const registryPart = z.strictObject({ table: z.string(), rows: z.array(z.record(z.string(), z.unknown())).min(1) });

const tablesAt = (schema: number): string[] =>
  MIGRATIONS.slice(0, schema)
    .flatMap(({ owners }) => Object.keys(owners))
    .filter((table) => !LEFT_OUT.includes(table));

type Database = Kysely<RegistryTables>;

const isPostgresql = (database: Database): boolean => database.getExecutor().adapter instanceof PostgresAdapter;

/** Rows in the order of their place in the table, so that each is met once. */
const rowsOf = async function* (database: Database, table: string): AsyncGenerator<Record<string, unknown>[]> {
  const place = sql.raw(isPostgresql(database) ? 'ctid' : 'rowid');
  for (let offset = 0; ; offset += ROWS_A_PART) {
    const { rows } = await sql<Record<string, unknown>>`
      select * from ${sql.table(table)} order by ${place} limit ${ROWS_A_PART} offset ${offset}`.execute(database);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_A_PART) return;
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
export const archiveRegistry = async (engine: RegistryEngine, write: WriteLine): Promise<number> => {
  const database = databaseOn(engine);
  let count = 0;
  try {
    await requireSchema(database, engine.place);
    await atOneMoment(database, async (transaction) => {
      const archive = await beginArchive('registry', MIGRATIONS.length, write);
      for (const table of tablesAt(MIGRATIONS.length))
        for await (const rows of rowsOf(transaction.withoutPlugins(), table)) {
          count += rows.length;
          await archive.part({ table, rows });
        }
      await archive.end();
    });
  } finally {
    await database.destroy();
  }
  return count;
};

const continueSequence = async (database: Database, table: string): Promise<void> => {
  const sequence = sql`pg_get_serial_sequence(${table}, 'sequence')`;
  await sql`select setval(${sequence}, max(sequence)) from ${sql.table(table)} having max(sequence) is not null`.execute(
    database,
  );
};

type RegistryArchive = Archive<z.output<typeof registryPart>>;

const fill = async (database: Database, archive: RegistryArchive): Promise<number> => {
  const tables = tablesAt(archive.schema);
  let count = 0;
  const grown = new Set<string>();
  // what the steps of the schema wrote themselves is in the archive too
  for (const table of tables) await sql`delete from ${sql.table(table)}`.execute(database);
  for await (const { table, rows } of archive.parts()) {
    if (!tables.includes(table)) archive.refuse(`there is no table ${table}`);
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
    const archive = await openArchive('registry', registryPart, lines);
    const { schema } = archive;
    if (schema > MIGRATIONS.length)
      throw fault('DATA_FOLDER_NEWER', { folder: 'the archive', found: schema, known: MIGRATIONS.length });
    try {
      await migrate(database, place, logger, schema);
      const count = await database.transaction().execute((transaction) => fill(transaction, archive));
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
