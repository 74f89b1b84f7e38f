import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Pages are the only part that is built: Node reads TypeScript but not TSX. Vite runs in a child process, and only when a source changed. */
const SOURCES = ['dashboards/portal', 'domain', 'vite.config.ts', 'package-lock.json'];
const STAMP = 'sources.sha256';

const sourceFiles = async (root: string): Promise<string[]> => {
  const lists = await Promise.all(
    SOURCES.map(async (source) => {
      if (/\.\w+$/.test(source)) return [source];
      const entries = await readdir(join(root, source), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    }),
  );
  return lists.flat().sort();
};

const hashSources = async (root: string): Promise<string> => {
  const hash = createHash('sha256');
  for (const file of await sourceFiles(root)) {
    hash.update(`${file}\0`);
    hash.update(await readFile(join(root, file)));
  }
  return hash.digest('hex');
};

const readStamp = async (file: string): Promise<string | null> => {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
};

const runVite = async (root: string, mode: 'client' | 'server'): Promise<void> => {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn', '--mode', mode], { cwd: root });
};

export interface PortalBuild {
  /** Where the built portal is: `server.js` and `client/`. */
  readonly folder: string;
  /** False when the sources were those of the last build. */
  readonly built: boolean;
}

/** Builds the portal into `dist/portal` if its sources changed; `root` is the repository's folder. */
export const buildPortal = async (root: string): Promise<PortalBuild> => {
  const folder = join(root, 'dist/portal');
  const stampFile = join(folder, STAMP);
  const hash = await hashSources(root);
  if ((await readStamp(stampFile)) === hash) return { folder, built: false };
  await Promise.all([runVite(root, 'client'), runVite(root, 'server')]);
  await writeFile(stampFile, hash);
  return { folder, built: true };
};
