import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type StartedProcess, startProcess } from '#test/services/start-process.ts';
import { until } from '#test/services/until.ts';

const run = promisify(execFile);
const listeningLine = z.object({ sites: z.array(z.object({ site: z.string(), port: z.int().positive() })) });

const started: StartedProcess[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.kill();
});

const startField = async (...parameters: string[]) => {
  const field = startProcess({
    file: 'simulators/main.ts',
    parameters: ['--street-port', '0', '--building-port', '0', '--at', '2026-12-15T20:00', ...parameters],
  });
  started.push(field);
  const { sites } = listeningLine.parse(await field.line('listening'));
  return { field, street: sites[0]?.port ?? 0, building: sites[1]?.port ?? 0 };
};

/** Runs mbpoll once, addresses from 0, most significant word first; its values. */
const mbpoll = async (port: number, unitId: number, ...rest: string[]): Promise<number[]> => {
  const place = ['-m', 'tcp', '-p', String(port), '-a', String(unitId), '-0', '-B', '-q'];
  const written = rest.indexOf('--write');
  const [reading, values] = written < 0 ? [[...rest, '-1'], []] : [rest.slice(0, written), rest.slice(written + 1)];
  const { stdout } = await run('mbpoll', [...place, ...reading, '127.0.0.1', ...values]);
  return [...stdout.matchAll(/^\[\d+\]:\s+(-?[\d.]+)/gm)].map(([, value]) => Number(value));
};

describe('the field run alone', () => {
  test('a stranger reads the power of a lamp with mbpoll, writes a level, and sees the power follow', async () => {
    const { street, building } = await startField();
    expect(await mbpoll(street, 3, '-r', '25436', '-t', '4:int')).toEqual([28]);
    await mbpoll(street, 3, '-r', '415', '-t', '4', '--write', '40');
    await until('the power has followed', async () => (await mbpoll(street, 3, '-r', '25436', '-t', '4:int'))[0] === 11);
    expect(await mbpoll(street, 3, '-r', '406', '-t', '4')).toEqual([40]);
    const [voltage = 0] = await mbpoll(building, 17, '-r', '0', '-t', '3:float');
    expect(voltage).toBeGreaterThan(220);
  });

  test('prints what listens where, with commands to try', async () => {
    const { field, street } = await startField();
    expect(field.output()).toContain(`site-republique: Modbus TCP on 127.0.0.1:${street}`);
    expect(field.output()).toMatch(/sensor-light +axone-demo-light-sensor {2}\(fictitious product\)/);
    expect(field.output()).toContain(`mbpoll -m tcp -p ${street} -a 3`);
  });

  test('keeps a level over kill -9 when it has a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'axone-field-'));
    const first = await startField('--data', folder);
    await mbpoll(first.street, 3, '-r', '415', '-t', '4', '--write', '40');
    await until('the level is in effect', async () => (await mbpoll(first.street, 3, '-r', '406', '-t', '4'))[0] === 40);
    await first.field.kill();
    const second = await startField('--data', folder, '--at', '2026-12-15T21:00');
    expect(await mbpoll(second.street, 3, '-r', '406', '-t', '4')).toEqual([40]);
    expect(await second.field.stop()).toBe(0);
    await rm(folder, { recursive: true });
  });

  test('a port in use is one sentence and exit code 2', async () => {
    const { street } = await startField();
    const refused = run(process.execPath, ['simulators/main.ts', '--street-port', String(street)]);
    await expect(refused).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: `PORT_IN_USE: 127.0.0.1:${street} (Modbus of site-republique) is already used by another programme. Stop it, or choose another port with --street-port.\n`,
    });
  });

  test('a wrong option is one sentence and exit code 2', async () => {
    await expect(run(process.execPath, ['simulators/main.ts', '--speed', 'fast'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^OPTION_INVALID: Option --speed: .*\n$/),
    });
  });
});
