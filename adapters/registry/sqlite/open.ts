import { dirname } from 'node:path';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { openSharedRegistry, type RegistryEngine, type SharedRegistry, type SharedRegistryOptions } from '../shared-registry.ts';
import { sqliteDialect } from './dialect.ts';

/** One SQLite file, whose folder exists. Rejects with `DATA_FOLDER_UNWRITABLE`. */
export const sqliteEngine = async (file: string, logger: Logger): Promise<RegistryEngine> => ({
  dialect: sqliteDialect(await openSqliteWorker({ file, logger })),
  place: dirname(file),
});

/** Opens the registry in one SQLite file. Rejects with `DATA_FOLDER_UNWRITABLE`, `DATA_FOLDER_NEWER` or `REGISTRY_NOT_MIGRATED`. */
export const openRegistryFile = async ({
  file,
  ...options
}: SharedRegistryOptions & { readonly file: string }): Promise<SharedRegistry> =>
  openSharedRegistry(await sqliteEngine(file, options.logger), options);
