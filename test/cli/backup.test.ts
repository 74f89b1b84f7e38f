import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDataFolder } from '#adapters/data-folder/data-folder.ts';
import { openStore } from '#adapters/from-config.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { pointId, siteId } from '#domain/identifiers.ts';
import { ROOT } from '#test/scenarios/places.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';
import { type StartedPostgresql, startPostgresql } from '#test/services/start-postgresql.ts';

const config = ['--config', join(ROOT, 'deploy/demo/axone.yaml')];
const site = siteId('site-rue');
const point = pointId('point-rue-meter');
const evening = parseInstant('2026-11-24T21:00:00Z');
const NOTHING = {
  ...{ gateways: [], cabinets: [], circuits: [], luminaireModels: [], lightPoints: [], plannedLightPoints: [] },
  ...{ groups: [], meters: [], sensors: [], bindings: [], fieldDevices: [] },
};

let folder: string;
let influxdb: StartedInfluxdb;
let postgresql: StartedPostgresql;

const run = async (parameters: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const cli = join(ROOT, 'cli/main.ts');
  return promisify(execFile)(process.execPath, [cli, ...parameters], { env: { ...process.env, ...env } }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (failed: { code: number; stdout: string; stderr: string }) => ({ code: failed.code, said: failed.stdout + failed.stderr }),
  );
};

const fill = async (data: string): Promise<void> => {
  const locked = await openDataFolder(data, 'simulated');
  const registry = await openRegistryFile({ file: join(data, 'registry.sqlite'), migrate: true, logger: silentLogger });
  await registry.as('control').assets.replaceAssets(
    {
      ...NOTHING,
      sites: [
        { id: site, kind: 'lighting', name: 'Rue', position: { latitude: 49.5, longitude: 3.6 }, zone: timeZone('Europe/Paris') },
      ],
      points: [{ id: point, site, use: 'cabinet-meter', privacy: 'operational', dwelling: null }],
    },
    'hash-1',
  );
  const store = await openStore({ kind: 'sqlite' }, data, silentLogger);
  const values = (index: number) => [
    { quantity: 'energyImportedWh', value: 4_815_162.342 + index, quality: 'measured' } as const,
  ];
  const readings = Array.from({ length: 500 }, (_, index) => ({
    ...{ point, privacy: 'operational' as const, at: instant(evening + index * 10_000) },
    values: values(index),
  }));
  await store.write(readings, { redelivered: false });
  await store.close();
  await registry.close();
  await locked.release();
};

const textOf = async (archives: string, name: string): Promise<string> =>
  gunzipSync(await readFile(join(archives, `${name}.jsonl.gz`))).toString();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-backup-'));
  [influxdb, postgresql] = await Promise.all([startInfluxdb(), startPostgresql()]);
  await fill(join(folder, 'data'));
}, 60_000);
afterAll(async () => {
  await Promise.all([influxdb.stop(), postgresql.stop()]);
  await rm(folder, { recursive: true });
});

describe('npm run axone -- backup', () => {
  test('of a process that runs is restored into a new folder, the same to the byte', async () => {
    const [data, first, second, restored] = ['data', 'first', 'second', 'restored'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    const running = await openDataFolder(data, 'simulated');
    expect(await run(['backup', ...config, '--data', data, '--to', first])).toMatchObject({ code: 0 });
    await running.release();
    expect(await run(['restore', ...config, '--data', restored, '--from', first])).toMatchObject({ code: 0 });
    expect(await run(['backup', ...config, '--data', restored, '--to', second])).toMatchObject({ code: 0 });
    for (const name of ['registry', 'series']) expect(await textOf(second, name)).toBe(await textOf(first, name));
  });

  test('goes from SQLite to PostgreSQL and InfluxDB, and back', async () => {
    const password = join(folder, 'password');
    await writeFile(password, postgresql.password);
    const variables = {
      ...{ AXONE_REGISTRY: 'postgresql', AXONE_POSTGRESQL_URL: postgresql.url(await postgresql.createDatabase()) },
      ...{ AXONE_POSTGRESQL_PASSWORD_FILE: password, AXONE_STORE: 'influxdb', AXONE_INFLUXDB_URL: influxdb.url },
      ...{ AXONE_DATA: join(folder, 'control'), AXONE_MQTT_URL: 'mqtt://broker', AXONE_MQTT_USER: 'control' },
      AXONE_MQTT_PASSWORD_FILE: password,
    };
    const [first, third] = [join(folder, 'first'), join(folder, 'third')];
    expect(await run(['restore', '--from', first], variables)).toMatchObject({ code: 0 });
    expect(await run(['backup', '--to', third], variables)).toMatchObject({ code: 0 });
    for (const name of ['registry', 'series']) expect(await textOf(third, name)).toBe(await textOf(first, name));
  });

  test('is not restored over what is there, nor beside a process that runs', async () => {
    const data = join(folder, 'data');
    const first = join(folder, 'first');
    expect(await run(['restore', ...config, '--data', data, '--from', first])).toMatchObject({
      code: 1,
      said: expect.stringContaining('REGISTRY_NOT_EMPTY'),
    });
    const running = await openDataFolder(data, 'simulated');
    expect((await run(['restore', ...config, '--data', data, '--from', first])).said).toContain('DATA_FOLDER_IN_USE');
    await running.release();
  });

  test('that was cut or changed is refused with its line, and the registry stays empty', async () => {
    const cut = join(folder, 'cut');
    const whole = await readFile(join(folder, 'first/registry.jsonl.gz'));
    for (const damaged of [whole.subarray(0, whole.length - 40), gzipSync(gunzipSync(whole).toString().replace('Rue', 'Rve'))]) {
      await cp(join(folder, 'first'), cut, { recursive: true });
      await writeFile(join(cut, 'registry.jsonl.gz'), damaged);
      const target = ['--data', await mkdtemp(join(folder, 'target-'))];
      expect(await run(['restore', ...config, ...target, '--from', cut])).toMatchObject({
        said: expect.stringContaining('ARCHIVE_INVALID'),
      });
      expect(await run(['restore', ...config, ...target, '--from', join(folder, 'first')])).toMatchObject({ code: 0 });
    }
  });

  test.each([
    [['backup', ...config], '--to'],
    [['restore', ...config], '--from'],
    [['backup', '--to', 'x', '--data', 'y'], '--data'],
  ])('%j is refused, naming the option', async (parameters, option) => {
    expect(await run(parameters)).toMatchObject({ code: 2, said: expect.stringContaining(`Option ${option}`) });
  });
});
