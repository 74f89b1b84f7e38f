import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { STAFF_COOKIE } from '#contract/routes/pages.ts';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';
import { buildPortal } from '../../dashboards/portal/build.ts';
import { type Bench, row } from './bench.ts';
import { cpuSecondsOf, findInTree, processTree, type TreeUse, watchTree } from './process-tree.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNS = 5;
const PATIENCE_MS = 120_000;
const SETTLE_MS = 20_000;
const WINDOW_MS = 30_000;
const STREET_PAGE = '/eclairage/armoires/site-republique';
/** The heaviest of what the platform needs before it can begin: nothing of ours can be faster than this. */
const BARE_IMPORTS = "await Promise.all(['fastify', 'aedes', 'better-sqlite3'].map((name) => import(name)))";

const run = promisify(execFile);
const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

/** The last commit as a stranger has it after `git clone` and `npm ci`. */
const freshClone = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'axone-clone-'));
  await run('git', ['clone', '--quiet', '--local', ROOT, path]);
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

interface DemoAccount {
  readonly role: string;
  readonly email?: string;
  readonly password?: string;
}

interface StartedClone {
  readonly program: RunningProgram;
  readonly startedAt: number;
  readonly portal: string;
  readonly technician: DemoAccount;
}

/** `npm start` in the clone, until its line of readiness. */
const startClone = async (clone: string): Promise<StartedClone> => {
  const startedAt = performance.now();
  const data = join(clone, 'data-of-this-run');
  const program = startProgram('npm', ['start', '--', '--port', '0', '--data', data], { cwd: clone });
  let line: string | undefined;
  await until(
    'the platform says it is ready',
    () => {
      line = /^\{"event":"ready".*\}$/m.exec(program.output())?.[0];
      if (line === undefined && !program.isRunning()) throw new Error(program.output());
      return line !== undefined;
    },
    PATIENCE_MS,
  );
  const ready = JSON.parse(line ?? '') as { portal: string; accounts: readonly DemoAccount[] };
  const technician = ready.accounts.find(({ role }) => role === 'technician');
  if (technician === undefined) throw new Error('no demo technician');
  return { program, startedAt, portal: ready.portal, technician };
};

const stopClone = async (clone: string, { program }: StartedClone): Promise<void> => {
  const platform = await findInTree(program.child.pid ?? -1, 'main.ts');
  process.kill(platform, 'SIGTERM');
  await until('the platform has ended', () => !program.isRunning(), PATIENCE_MS);
  await rm(join(clone, 'data-of-this-run'), { recursive: true, force: true });
};

const signIn = async ({ portal, technician }: StartedClone): Promise<string> => {
  const { email = '', password = '' } = technician;
  const body = new URLSearchParams({ email, password });
  const answer = await fetch(`${portal}/connexion`, { method: 'POST', body, headers: { origin: portal }, redirect: 'manual' });
  return (
    answer.headers
      .getSetCookie()
      .find((each) => each.startsWith(`${STAFF_COOKIE}=`))
      ?.split(';')[0] ?? ''
  );
};

const waitForMeasuredLamp = async (started: StartedClone): Promise<void> => {
  const cookie = await signIn(started);
  const measuredPower = /data-quality="measured"(?:(?!<\/td>).)*\d\sW\b/;
  await until(
    'the street page shows a measured lamp',
    async () => measuredPower.test(await (await fetch(started.portal + STREET_PAGE, { headers: { cookie } })).text()),
    PATIENCE_MS,
  );
};

/** Seconds. */
interface StartFigures {
  readonly ready: number;
  readonly lamp: number;
  /** Of the platform's own process: what else the machine does hardly changes it. */
  readonly processorTime: number;
}

/** Each with no data folder and no built portal. */
const measureStart = async (clone: string): Promise<StartFigures> => {
  await rm(join(clone, 'dist'), { recursive: true, force: true });
  const started = await startClone(clone);
  const ready = secondsSince(started.startedAt);
  const processorTime = cpuSecondsOf(await processTree(await findInTree(started.program.child.pid ?? -1, 'main.ts')));
  await waitForMeasuredLamp(started);
  const lamp = secondsSince(started.startedAt);
  await stopClone(clone, started);
  return { ready, lamp, processorTime };
};

const measureIdle = async (clone: string): Promise<TreeUse & { readonly withNpm: TreeUse }> => {
  const started = await startClone(clone);
  const npm = started.program.child.pid ?? -1;
  const platform = await findInTree(npm, 'main.ts');
  await pause(SETTLE_MS);
  const [own, withNpm] = await Promise.all([watchTree(platform, WINDOW_MS), watchTree(npm, WINDOW_MS)]);
  await stopClone(clone, started);
  return { ...own, withNpm };
};

const measureBuild = async (clone: string): Promise<number> => {
  await rm(join(clone, 'dist'), { recursive: true, force: true });
  const startedAt = performance.now();
  const { built } = await buildPortal(clone);
  if (!built) throw new Error('the portal was not stale');
  return secondsSince(startedAt);
};

const measureFloor = async (script: string): Promise<number> => {
  const startedAt = performance.now();
  await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
  return secondsSince(startedAt);
};

const repeated = async <T>(what: string, say: (text: string) => void, measure: () => Promise<T>): Promise<readonly T[]> => {
  const results: T[] = [];
  for (let time = 1; time <= RUNS; time += 1) {
    say(`${what}, ${time} of ${RUNS}`);
    results.push(await measure());
  }
  return results;
};

export const bench: Bench = {
  summary: 'a fresh clone until it is ready and shows a lamp; then at rest (about 3 minutes)',
  async run(say) {
    const clone = await freshClone();
    try {
      const floor = await repeated('an empty start of Node', say, () => measureFloor(''));
      const imports = await repeated('bare imports', say, () => measureFloor(BARE_IMPORTS));
      const builds = await repeated('portal built', say, () => measureBuild(clone.path));
      const starts = await repeated('fresh clone started', say, () => measureStart(clone.path));
      say('at rest');
      const idle = await measureIdle(clone.path);
      return [
        row(
          'npm start of a fresh clone, until ready',
          's',
          10,
          starts.map(({ ready }) => ready),
        ),
        row(
          'the same, until a measured lamp is on the street page',
          's',
          20,
          starts.map(({ lamp }) => lamp),
        ),
        row(
          'processor time until ready, by the platform alone',
          's',
          null,
          starts.map(({ processorTime }) => processorTime),
        ),
        row('processor at rest', '% of a core', 30, [idle.cpuPercent]),
        row('memory at rest, highest', 'MB', 300, [idle.peakResidentMb]),
        row('portal built when stale', 's', 2, builds),
        row('floor: empty start of Node', 's', null, floor),
        row('floor: import of fastify, aedes and better-sqlite3', 's', null, imports),
        row('memory at rest with npm, which waits', 'MB', null, [idle.withNpm.peakResidentMb]),
      ];
    } finally {
      await clone.remove();
    }
  },
};
