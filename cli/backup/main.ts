import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stderr, stdout } from 'node:process';
import { type DataFolder, openDataFolder } from '#adapters/data-folder/data-folder.ts';
import {
  loadConfiguration,
  openRegistry,
  openStore,
  type RegistryChoice,
  registryArchive,
  registryFromConfiguration,
  registryFromVariables,
  storeFromVariables,
} from '#adapters/from-config.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { runProcess } from '#adapters/process/run-process.ts';
import type { WriteLine } from '#contract/archive.ts';
import type { Configuration } from '#contract/configuration.ts';
import { controlVariables, readVariables } from '#contract/environment.ts';
import { archiveSeries, restoreSeries } from '../../ingest/index.ts';
import { readArchiveFile, writeArchiveFile } from './archive-file.ts';
import { BACKUP_HELP, type BackupOptions, parseBackupOptions } from './backup-options.ts';

const LINES_TO_SAY = 200;

interface Kept {
  readonly registry: RegistryChoice;
  readonly store: Configuration['store'];
  /** Of a store that is a file. */
  readonly folder: string;
  /** A folder of one process alone, locked while it is filled. */
  readonly lock: () => Promise<DataFolder | null>;
}

const keptBy = async ({ configuration }: BackupOptions): Promise<Kept> => {
  if (configuration === null) {
    const variables = readVariables(controlVariables, process.env);
    const folder = variables.AXONE_DATA;
    return {
      registry: registryFromVariables(variables),
      store: storeFromVariables(variables),
      folder,
      lock: () => Promise.resolve(null),
    };
  }
  const loaded = await loadConfiguration(resolve(configuration.file));
  const folder = configuration.data === null ? loaded.data : resolve(configuration.data);
  return {
    registry: registryFromConfiguration(loaded, folder),
    store: loaded.store,
    folder,
    lock: () => openDataFolder(folder, loaded.field),
  };
};

const archivesIn = (folder: string) => ({
  registry: join(resolve(folder), 'registry.jsonl.gz'),
  series: join(resolve(folder), 'series.jsonl.gz'),
});

/** Whoever waits sees that it goes on. */
const counted = (what: string, write: WriteLine): WriteLine => {
  let lines = 0;
  return async (line) => {
    lines += 1;
    if (lines % LINES_TO_SAY === 0) stderr.write(`${what}: ${lines} lines\n`);
    await write(line);
  };
};

const backUp = (parameters: readonly string[]): Promise<void> =>
  runProcess(async (closing) => {
    const options = parseBackupOptions(parameters, 'to');
    const kept = await keptBy(options);
    const files = archivesIn(options.folder);
    const shared = await openRegistry(kept.registry, { migrate: false, logger: silentLogger });
    closing.later(() => shared.close());
    const store = await openStore(kept.store, kept.folder, silentLogger);
    closing.later(() => store.close());
    const { assets } = shared.as('control');
    const sites = await Promise.all((await assets.sites()).map(({ id }) => assets.siteAssets(id)));
    const points = sites.flatMap((site) => site?.points.map(({ id, privacy }) => ({ point: id, privacy })) ?? []);
    const rows = await writeArchiveFile(files.registry, registryArchive(kept.registry, silentLogger).write);
    stdout.write(`${files.registry}: ${rows} rows\n`);
    const values = await writeArchiveFile(files.series, (write) => archiveSeries(store, points, counted('series', write)));
    stdout.write(`${files.series}: ${values} values of ${points.length} points\n`);
    return null;
  });

const restore = (parameters: readonly string[]): Promise<void> =>
  runProcess(async (closing) => {
    const options = parseBackupOptions(parameters, 'from');
    const kept = await keptBy(options);
    const files = archivesIn(options.folder);
    await mkdir(kept.folder, { recursive: true, mode: 0o700 });
    const folder = await kept.lock();
    if (folder !== null) closing.later(() => folder.release());
    const store = await openStore(kept.store, kept.folder, silentLogger);
    closing.later(() => store.close());
    const rows = await registryArchive(kept.registry, silentLogger).read(readArchiveFile(files.registry));
    stdout.write(`${rows} rows are in the registry\n`);
    const values = await restoreSeries(store, readArchiveFile(files.series));
    stdout.write(`${values} values are in the store\n`);
    return null;
  });

const [command, ...parameters] = process.argv.slice(2);
if (parameters.length === 0 || parameters.includes('--help')) stdout.write(`${BACKUP_HELP}\n`);
else await (command === 'restore' ? restore : backUp)(parameters);
