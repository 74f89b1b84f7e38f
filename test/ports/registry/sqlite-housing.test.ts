import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '#adapters/logger/silent.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { describeHousingRegistry } from './housing-suite.ts';

describeHousingRegistry('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-registry-'));
  const opened = await openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger: silentLogger });
  return {
    control: opened.as('control').housing,
    asIngest: opened.as('ingest').housing,
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true });
    },
  };
});
