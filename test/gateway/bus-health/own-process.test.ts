import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

let folder: string;
const programs: RunningProgram[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-status-'));
  await writeFile(join(folder, 'password'), 'secret\n');
  await writeFile(join(folder, 'gateway.yaml'), await readFile(join(ROOT, 'deploy', 'demo', 'gateway-republique.yaml'), 'utf8'));
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.end('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Without broker and without field: it starts and says so. */
const start = (env: Readonly<Record<string, string>>, ...options: readonly string[]): RunningProgram => {
  const parameters = [join(ROOT, 'gateway', 'main.ts'), '--config', join(folder, 'gateway.yaml'), ...options];
  const program = startProgram(process.execPath, parameters, {
    env: {
      AXONE_MQTT_URL: 'mqtt://127.0.0.1:1',
      AXONE_MQTT_USER: 'gateway-republique',
      AXONE_MQTT_PASSWORD_FILE: join(folder, 'password'),
      AXONE_DATA: join(folder, 'data'),
      ...env,
    },
  });
  programs.push(program);
  return program;
};
const readyLine = async (program: RunningProgram): Promise<{ page?: string }> => {
  const line = () =>
    program
      .output()
      .split('\n')
      .find((each) => each.startsWith('{"event":"ready"'));
  await until('the gateway is ready', () => line() !== undefined || !program.isRunning());
  return JSON.parse(line() ?? program.output()) as { page?: string };
};

/** Status of a page asked under another name. */
const statusCalled = (page: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asked = request(page, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject);
    asked.end();
  });

test('a gateway serves its page on the port that it is given, read only when asked, and stops', async () => {
  const program = start({ AXONE_HTTP_PORT: '0' }, '--read-only');
  const { page = '' } = await readyLine(program);
  expect(page).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gateway$/);
  const answer = await fetch(page);
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await answer.text()).toContain('Lecture seule');
  const health = await fetch(new URL('/health', page));
  expect(await health.json()).toMatchObject({ alive: true, services: [{ name: 'gateway-republique' }] });
  expect(await statusCalled(page, 'axone.example')).toBe(404);
  expect(await statusCalled(page, 'localhost')).toBe(200);
  expect(await program.end('SIGTERM')).toBe(0);
});

test('a trace in course does not hold the stop of a gateway', async () => {
  const program = start({ AXONE_HTTP_PORT: '0' });
  const { page = '' } = await readyLine(program);
  const traced = fetch(new URL('/api/v1/gateway/trace?seconds=300', page)).then((answer) => answer.json());
  const idle = await fetch(new URL('/health', page));
  expect(idle.status).toBe(200);
  expect(await program.end('SIGTERM')).toBe(0);
  expect(await traced).toMatchObject({ isFull: false });
});

test('a gateway without a port listens nowhere', async () => {
  expect(await readyLine(start({}))).not.toHaveProperty('page');
});

test.each([
  [
    'a host that others reach',
    { AXONE_HTTP_HOST: '0.0.0.0', AXONE_HTTP_PORT: '0' },
    /AXONE_HTTP_HOST.*127\.0\.0\.1, ::1 or localhost/,
  ],
  ['a port that is none', { AXONE_HTTP_PORT: 'eighty' }, /AXONE_HTTP_PORT/],
] as const)('%s is refused before anything starts', async (_what, env, said) => {
  const program = start(env);
  await until('it has ended', () => !program.isRunning());
  expect(program.output()).toMatch(said);
  expect(program.child.exitCode).toBe(2);
});

test('a port in use ends the process and names it', async () => {
  const { page = '' } = await readyLine(start({ AXONE_HTTP_PORT: '0' }));
  const { port } = new URL(page);
  const second = start({ AXONE_HTTP_PORT: port, AXONE_DATA: join(folder, 'other') });
  await until('it has ended', () => !second.isRunning());
  expect(second.output()).toContain(`127.0.0.1:${port}`);
  expect(second.child.exitCode).toBe(2);
});
