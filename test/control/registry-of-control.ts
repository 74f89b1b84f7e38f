import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseYamlDocument } from '#adapters/configuration/yaml-document.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { assetsFile } from '#control/index.ts';

/** A registry on a real file of its own, migrated, that can be closed and opened again as a restart does. */
export const openTestRegistry = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-control-'));
  const open = () => openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger: silentLogger });
  let file = await open();
  return {
    control: () => file.as('control'),
    ingest: () => file.as('ingest'),
    restart: async (): Promise<void> => {
      await file.close();
      file = await open();
    },
    close: async (): Promise<void> => {
      await file.close();
      await rm(folder, { recursive: true });
    },
  };
};
export type TestRegistry = Awaited<ReturnType<typeof openTestRegistry>>;

const text = await readFile(new URL('../../deploy/demo/assets.yaml', import.meta.url), 'utf8');

/** The assets of the demonstration, as `npm start` reads them. */
export const demoAssetsFile = () => parseYamlDocument('assets.yaml', text, assetsFile);
