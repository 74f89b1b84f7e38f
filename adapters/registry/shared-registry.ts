import { CamelCasePlugin, type Dialect, Kysely } from 'kysely';
import type { Logger } from '#contract/ports/logger.ts';
import { assetsRegistry } from './assets.ts';
import { auditRegistry } from './audit.ts';
import { commissioningRegistry } from './commissioning.ts';
import { edgeJournal, ingestRegistry } from './edge-journal.ts';
import { housingRegistry } from './housing.ts';
import { lightingRegistry } from './lighting.ts';
import { migrate, migrateBack, requireSchema } from './migrate.ts';
import type { RegistryService } from './migrations/migration.ts';
import { peopleRegistry } from './people.ts';
import type { RegistryTables } from './tables.ts';
import { writerGuard } from './writer-guard.ts';

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
    commissioning: commissioningRegistry(database),
    ingest: ingestRegistry(database, housing),
  };
};

export interface SharedRegistry {
  /** One registry may serve several services of one process, each with its own rights. */
  as(service: RegistryService): ReturnType<typeof registryOf>;
  /** Rejects with `REGISTRY_UNAVAILABLE` when the engine does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type ServiceRegistry = ReturnType<typeof registryOf> & Pick<SharedRegistry, 'ping' | 'close'>;

/** A registry for one service alone in its process. */
export const registryFor = (service: RegistryService, shared: SharedRegistry): ServiceRegistry => ({
  ...shared.as(service),
  ping: shared.ping,
  close: shared.close,
});

/** The database that holds a registry. */
export interface RegistryEngine {
  readonly dialect: Dialect;
  /** The folder or the address, for messages. */
  readonly place: string;
  /** What the engine wants done once the schema is that of this programme. */
  readonly migrated?: (database: Kysely<RegistryTables>) => Promise<void>;
}

export interface SharedRegistryOptions {
  /** True for control only. The others get `REGISTRY_NOT_MIGRATED` until it has come. */
  readonly migrate: boolean;
  readonly logger: Logger;
}

export const databaseOn = ({ dialect }: RegistryEngine) =>
  new Kysely<RegistryTables>({ dialect, plugins: [new CamelCasePlugin()] });

/** Rejects with `REGISTRY_UNAVAILABLE`, `DATA_FOLDER_NEWER` or `REGISTRY_NOT_MIGRATED`. */
export const openSharedRegistry = async (
  engine: RegistryEngine,
  { migrate: migrates, logger }: SharedRegistryOptions,
): Promise<SharedRegistry> => {
  const { place } = engine;
  const database = databaseOn(engine);
  try {
    if (migrates) {
      await migrate(database, place, logger);
      await engine.migrated?.(database);
    }
    await requireSchema(database, place);
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

/** Takes the schema back to an earlier version, for the programme of that version, and closes it. Gives the version it is at then. */
export const takeRegistryBack = async (engine: RegistryEngine, to: number, logger: Logger): Promise<number> => {
  const database = databaseOn(engine);
  try {
    return await migrateBack(database, engine.place, to, logger);
  } finally {
    await database.destroy();
  }
};
