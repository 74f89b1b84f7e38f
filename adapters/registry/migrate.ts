import { type Kysely, sql } from 'kysely';
import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { RegistryTables } from './tables.ts';

/** Version of the schema; 0 where there is none. */
export const stampedVersion = async (database: Kysely<RegistryTables>): Promise<number> => {
  const tables = await database.introspection.getTables();
  if (!tables.some(({ name }) => name === 'schema_stamp')) return 0;
  const { version } = await database
    .selectFrom('schemaStamp')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirstOrThrow();
  return version ?? 0;
};

/** Rejects with `DATA_FOLDER_NEWER`, or with `REGISTRY_NOT_MIGRATED` while control has not come. */
export const requireSchema = async (database: Kysely<RegistryTables>, place: string): Promise<void> => {
  const found = await stampedVersion(database);
  if (found > MIGRATIONS.length) throw fault('DATA_FOLDER_NEWER', { folder: place, found, known: MIGRATIONS.length });
  if (found < MIGRATIONS.length) throw fault('REGISTRY_NOT_MIGRATED', { found, needed: MIGRATIONS.length });
};

/** Brings the schema to the version this programme knows, or to an earlier one, one transaction a step. Rejects with `DATA_FOLDER_NEWER`. */
export const migrate = async (
  database: Kysely<RegistryTables>,
  place: string,
  logger: Logger,
  to = MIGRATIONS.length,
): Promise<void> => {
  const found = await stampedVersion(database);
  if (found > MIGRATIONS.length) throw fault('DATA_FOLDER_NEWER', { folder: place, found, known: MIGRATIONS.length });
  for (const migration of MIGRATIONS.slice(found, to)) {
    await database.transaction().execute(async (transaction) => {
      if (migration.version === 1)
        await transaction.schema
          .createTable('schema_stamp')
          .ifNotExists()
          .addColumn('version', 'integer', (column) => column.primaryKey())
          .addColumn('name', 'text', (column) => column.notNull())
          .addColumn('stamped_at', 'text', (column) => column.notNull().defaultTo(sql`CURRENT_TIMESTAMP`))
          .execute();
      await migration.up(transaction);
      await transaction.insertInto('schemaStamp').values({ version: migration.version, name: migration.name }).execute();
    });
    logger.info('registry-migrated', { version: migration.version, name: migration.name });
  }
};

/**
 * Takes the schema back to an earlier version, one transaction a step, so that the programme of that version opens it.
 * Gives the version it is at then: that of before when it was not later.
 * Rejects with `DATA_FOLDER_NEWER` when this programme does not know the version found.
 */
export const migrateBack = async (
  database: Kysely<RegistryTables>,
  place: string,
  to: number,
  logger: Logger,
): Promise<number> => {
  const found = await stampedVersion(database);
  if (found > MIGRATIONS.length) throw fault('DATA_FOLDER_NEWER', { folder: place, found, known: MIGRATIONS.length });
  for (const migration of MIGRATIONS.slice(to, found).toReversed()) {
    await database.transaction().execute(async (transaction) => {
      await migration.down(transaction);
      await transaction.deleteFrom('schemaStamp').where('version', '=', migration.version).execute();
    });
    logger.info('registry-migrated-back', { version: migration.version, name: migration.name });
  }
  return Math.min(found, to);
};
