import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Linux counts processor time in hundredths of a second (getconf CLK_TCK). */
const TICKS_PER_SECOND = 100;
const KB_PER_MB = 1024;
const LOOK_EVERY_MS = 500;

interface ProcessFigures {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
}

/** Null when there is no such process. */
export const processFigures = async (pid: number): Promise<ProcessFigures | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  // the name, in parentheses, may hold spaces
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [parent = 0, user = 0, system = 0] = [fields[1], fields[11], fields[12]].map(Number);
  return { pid, parent, cpuSeconds: (user + system) / TICKS_PER_SECOND };
};

/** A process and all that it started and that still lives. */
export const processTree = async (root: number): Promise<readonly ProcessFigures[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const all = (await Promise.all(pids.map(processFigures))).filter((figures) => figures !== null);
  const tree = all.filter(({ pid }) => pid === root);
  for (const member of tree) tree.push(...all.filter(({ parent }) => parent === member.pid));
  return tree;
};

/** The first process below `root` that was given this very word. */
export const findInTree = async (root: number, word: string): Promise<number> => {
  for (const { pid } of await processTree(root)) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (words.includes(word)) return pid;
  }
  throw new Error(`No process below ${root} was given ${word}`);
};

/** MB (2^20 bytes); 0 when there is no such process. */
export const residentMb = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / KB_PER_MB;
};

export interface TreeUse {
  /** Percent of one core, on average over the window. */
  readonly cpuPercent: number;
  /** Highest sum of resident memory seen in the window, MB (2^20 bytes). */
  readonly peakResidentMb: number;
}

export const cpuSecondsOf = (tree: readonly ProcessFigures[]): number =>
  tree.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);

export const watchTree = async (root: number, windowMs: number): Promise<TreeUse> => {
  const startedAt = performance.now();
  const before = cpuSecondsOf(await processTree(root));
  let peakResidentMb = 0;
  while (performance.now() - startedAt < windowMs) {
    const resident = await Promise.all((await processTree(root)).map(({ pid }) => residentMb(pid)));
    peakResidentMb = Math.max(
      peakResidentMb,
      resident.reduce((sum, each) => sum + each, 0),
    );
    await pause(LOOK_EVERY_MS);
  }
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const used = cpuSecondsOf(await processTree(root)) - before;
  return { cpuPercent: (100 * used) / elapsedSeconds, peakResidentMb };
};
