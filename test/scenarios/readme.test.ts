import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readHealth } from '#contract/routes/platform.ts';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';
import { temporaryFolder } from './platform.ts';

const ROOT = join(import.meta.dirname, '../..');
/** After the installation: the service is ready, then the first measured lamp is on screen. */
const READY_MS = 10_000;
const FIRST_LAMP_MS = 20_000;
/** Two cores shared with other tests may take longer; the benchmark measures the figures themselves. */
const SLOWER = 3;

const readyLine = z.object({
  event: z.literal('ready'),
  portal: z.url({ protocol: /^http$/ }),
  mqtt: z.url({ protocol: /^mqtt$/ }),
  modbus: z.array(z.object({ site: z.string(), host: z.string(), port: z.int().positive() })).length(2),
  accounts: z.array(z.looseObject({ role: z.string(), email: z.string().optional(), password: z.string().optional() })),
});

/** What the README tells a newcomer to type after the installation. */
const startCommand = async (): Promise<readonly string[]> => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, command] = /```sh\nnpm install && (npm [a-z]+)\n```/.exec(readme) ?? [];
  if (command === undefined) throw new Error('README has no command to start');
  return command.split(' ');
};

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a newcomer who types what the README says', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: RunningProgram;
  let ready: z.output<typeof readyLine>;
  let startedAt: number;

  const pidOf = async (): Promise<number> => Number(await readFile(join(folder.path, 'axone.pid'), 'utf8'));

  beforeAll(async () => {
    folder = await temporaryFolder();
    const [npm = '', ...words] = await startCommand();
    startedAt = performance.now();
    program = startProgram(npm, [...words, '--', '--port', '0', '--data', folder.path], { cwd: ROOT });
    const line = () =>
      program
        .output()
        .split('\n')
        .find((text) => text.startsWith('{"event":"ready"'));
    await until('it is ready', () => line() !== undefined || !program.isRunning(), READY_MS * SLOWER);
    ready = readyLine.parse(JSON.parse(line() ?? program.output()));
  });
  afterAll(async () => {
    await pidOf().then(
      (pid) => process.kill(pid, 'SIGKILL'),
      () => undefined,
    );
    await program.end('SIGKILL');
    await folder.remove();
  });

  test('reads an address and an account for each role before the line of readiness, and the portal answers there', async () => {
    const words = program.output().slice(0, program.output().indexOf('{"event":"ready"'));
    expect(words).toContain(ready.portal);
    expect(ready.accounts.map(({ role }) => role)).toEqual(['technician', 'landlord', 'admin', 'tenant', 'tenant']);
    for (const { email, password } of ready.accounts.filter((account) => account.email !== undefined)) {
      expect(words).toContain(email);
      expect(words).toContain(password);
    }
    const doors = await fetch(ready.portal);
    expect([doors.status, await doors.text()]).toEqual([200, expect.stringContaining('Matériel simulé')]);
  });

  test('finds it ready, each service said to be so', async () => {
    expect((await fetch(`${ready.portal}/ready`)).status).toBe(200);
    const { services } = readHealth.answer.schema.parse(await (await fetch(`${ready.portal}/health`)).json());
    expect(services.map(({ name, state }) => [name, state])).toEqual(
      ['simulators', 'ingest', 'series-keeping', 'control', 'dashboards', 'gateway-republique', 'gateway-tilleuls'].map(
        (name) => [name, 'ready'],
      ),
    );
  });

  test('signs in with a printed account and sees the first measured lamp in time', async () => {
    const { email = '', password = '' } = ready.accounts.find(({ role }) => role === 'technician') ?? {};
    const signedIn = await fetch(`${ready.portal}/connexion`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ email, password }),
    });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/eclairage']);
    const cookie = signedIn.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    const measured =
      /<tr id="point-light-point-republique-\d\d"(?:(?!<\/tr>).)*data-quality="measured"><span class="value-figure">\d+\sW/s;
    await until(
      'a lamp is on the page with its measured power',
      async () =>
        measured.test(await (await fetch(`${ready.portal}/eclairage/armoires/site-republique`, { headers: { cookie } })).text()),
      FIRST_LAMP_MS * SLOWER,
      200,
    );
    expect(performance.now() - startedAt).toBeLessThan(FIRST_LAMP_MS * SLOWER);
  });

  test('stops it with Ctrl-C, and nothing stays behind', async () => {
    const pid = await pidOf();
    expect(isThere(pid)).toBe(true);
    // A terminal sends the signal to npm's child too; npm itself then ends with it.
    process.kill(pid, 'SIGINT');
    await until('npm has ended', () => !program.isRunning());
    expect([isThere(pid), program.child.exitCode]).toEqual([false, 0]);
    await expect(pidOf()).rejects.toThrow('ENOENT');
  });
});
