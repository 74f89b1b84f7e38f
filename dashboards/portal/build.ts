import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Pages are the only part that is built: Node reads TypeScript but not TSX. Vite runs in a child process, and only when a source changed. */
const SOURCES = ['dashboards/portal', 'domain', 'vite.config.ts', 'package-lock.json'];

const MAKING = 'making-';

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

const exists = async (folder: string): Promise<boolean> => {
  try {
    await access(folder);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw thrown;
  }
};

const runVite = async (root: string, mode: 'client' | 'server', outDir: string): Promise<void> => {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const parameters = ['build', '--logLevel', 'warn', '--mode', mode, '--outDir', outDir];
  // a build leaves nothing behind elsewhere: Vite would keep compiled code in the folder of temporary files
  // eslint-disable-next-line no-restricted-syntax -- nothing is read: the child has ours, and one variable more
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  await promisify(execFile)(process.execPath, [vite, ...parameters], { cwd: root, env });
};

/** Another process may have put the same build there meanwhile: it is as good as ours. */
const putInPlace = async (made: string, folder: string): Promise<void> => {
  try {
    await rename(made, folder);
  } catch (thrown) {
    if (!(await exists(folder))) throw thrown;
    await rm(made, { recursive: true });
  }
};

/** Who uses a former build has read it whole at its start. */
const removeFormer = async (builds: string, hash: string): Promise<void> => {
  const former = (await readdir(builds)).filter((name) => name !== hash && !name.startsWith(MAKING));
  for (const name of former) await rm(join(builds, name), { recursive: true, force: true });
};

export interface PortalBuild {
  /** Where the built portal is: `server.js` and `client/`. */
  readonly folder: string;
  /** False when the sources were those of the last build. */
  readonly built: boolean;
}

/**
 * Builds the portal if its sources changed, into a folder of `dist/portal` named after their content: several processes may
 * do it at once, and none meets a half of it. `root` is the repository's folder.
 */
export const buildPortal = async (root: string): Promise<PortalBuild> => {
  const builds = join(root, 'dist/portal');
  const hash = await hashSources(root);
  const folder = join(builds, hash);
  if (await exists(folder)) return { folder, built: false };
  await mkdir(builds, { recursive: true });
  const made = await mkdtemp(join(builds, MAKING));
  try {
    await Promise.all([runVite(root, 'client', join(made, 'client')), runVite(root, 'server', made)]);
    await putInPlace(made, folder);
    await removeFormer(builds, hash);
  } catch (thrown) {
    await rm(made, { recursive: true, force: true });
    throw thrown;
  }
  return { folder, built: true };
};
