import { dirname } from 'node:path';
import { CamelCasePlugin, Kysely } from 'kysely';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { assetsRegistry } from '../assets.ts';
import { auditRegistry } from '../audit.ts';
import { edgeJournal, ingestRegistry } from '../edge-journal.ts';
import { housingRegistry } from '../housing.ts';
import { lightingRegistry } from '../lighting.ts';
import { migrate, requireSchema } from '../migrate.ts';
import type { RegistryService } from '../migrations/migration.ts';
import { peopleRegistry } from '../people.ts';
import type { RegistryTables } from '../tables.ts';
import { writerGuard } from '../writer-guard.ts';
import { sqliteDialect } from './dialect.ts';

export interface RegistryFileOptions {
  /** Path of the SQLite file; its folder exists. */
  readonly file: string;
  /** True for control only. The others get `REGISTRY_NOT_MIGRATED` until it has come. */
  readonly migrate: boolean;
  readonly logger: Logger;
}

/** The registry as one service may use it: it reads every table and writes its own. */
const registryOf = (shared: Kysely<RegistryTables>, service: RegistryService) => {
  const database = shared.withPlugin(writerGuard(service));
  const housing = housingRegistry(database);
  return {
    assets: assetsRegistry(database),
    lighting: lightingRegistry(database),
    people: peopleRegistry(database),
    audit: auditRegistry(database),
    journal: edgeJournal(database),
    housing,
    ingest: ingestRegistry(database, housing),
  };
};

export interface RegistryFile {
  /** One file may serve several services of one process, each with its own rights. */
  as(service: RegistryService): ReturnType<typeof registryOf>;
  /** Rejects with `REGISTRY_UNAVAILABLE` when the file does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the registry in one SQLite file. Rejects with `DATA_FOLDER_UNWRITABLE`, `DATA_FOLDER_NEWER` or `REGISTRY_NOT_MIGRATED`. */
export const openRegistryFile = async (options: RegistryFileOptions): Promise<RegistryFile> => {
  const { file, logger } = options;
  const sqlite = await openSqliteWorker({ file, logger });
  const database = new Kysely<RegistryTables>({ dialect: sqliteDialect(sqlite), plugins: [new CamelCasePlugin()] });
  try {
    if (options.migrate) await migrate(database, dirname(file), logger);
    await requireSchema(database, dirname(file));
  } catch (thrown) {
    await database.destroy();
    throw thrown;
  }
  return {
    as: (service) => registryOf(database, service),
    ping: async () => {
      await database.selectFrom('assetStamp').select('revision').execute();
    },
    close: () => database.destroy(),
  };
};

/** A registry file for one service alone in its process. */
export const openRegistry = async ({ service, ...options }: RegistryFileOptions & { readonly service: RegistryService }) => {
  const { as, ping, close } = await openRegistryFile(options);
  return { ...as(service), ping, close };
};
