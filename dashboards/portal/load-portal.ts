import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PageAssets, PageRenderer } from './page-content.ts';

export interface PortalFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** Its name changes with its content. */
  readonly immutable: boolean;
}

export interface LoadedPortal extends PageRenderer {
  readonly assets: PageAssets;
  readonly files: ReadonlyMap<string, PortalFile>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const named = (files: ReadonlyMap<string, PortalFile>, start: string, end: string): string => {
  const found = [...files.keys()].find((name) => name.startsWith(start) && name.endsWith(end));
  if (found === undefined) throw new Error(`The portal was built without ${start}*${end}`);
  return found;
};

const readFiles = async (folder: string): Promise<ReadonlyMap<string, PortalFile>> => {
  const files = new Map<string, PortalFile>();
  for (const name of await readdir(folder)) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    files.set(name, { contentType, bytes: await readFile(join(folder, name)), immutable: extname(name) !== '.svg' });
  }
  return files;
};

/** Reads the built pages and their few files into memory. */
export const loadPortal = async (builtFolder: string): Promise<LoadedPortal> => {
  const bundle = (await import(pathToFileURL(join(builtFolder, 'server.js')).href)) as PageRenderer;
  const files = await readFiles(join(builtFolder, 'client'));
  const assets = { style: named(files, 'portal-', '.css'), script: named(files, 'main-', '.js') };
  return { renderPage: bundle.renderPage, assets, files };
};
