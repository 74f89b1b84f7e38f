import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { InfluxHttp } from '#adapters/time-series-store/influxdb/influx-http.ts';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import { beginOverride, readOverride } from '#contract/routes/lighting.ts';
import { STAFF_COOKIE } from '#contract/routes/pages.ts';
import { readSeries } from '#contract/routes/series.ts';
import { openSession } from '#contract/routes/session.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { type GatewayId, gatewayId, lightPointId, pointId, siteId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import { ROOT } from './places.ts';
import { countWhenArrived, instantsInStore, type PointClass, pointClassesOf, type Window } from './reading-turns.ts';
import { prepareTopology, type Topology } from './topology.ts';

const republique = gatewayId('gateway-republique');
const tilleuls = gatewayId('gateway-tilleuls');
const street = siteId('site-republique');
const STREET_PAGE = '/eclairage/armoires/site-republique';
const technician = { email: 'technician@topology.example', password: 'twelve characters, and more' };
const OUTAGE_MS = 15_000;
/** With it a window holds a whole turn of the slowest period. */
const AFTERWARDS_MS = 10_000;
const ARRIVAL_PATIENCE_MS = 90_000;

let topology: Topology;
let store: InfluxHttp;
let classes: readonly PointClass[];

/** `npm run axone -- user create` on the registry that control migrated. */
const createTechnician = async (): Promise<string> => {
  const { host } = new URL(topology.address('postgresql:5432'));
  const passwordFile = topology.container('control').pathOf('/run/secrets/postgresql-control');
  const registry = ['--registry', `postgresql://axone_control@${host}/axone`, '--password-file', passwordFile];
  const place = [...registry, '--email', technician.email];
  const role = ['--role', 'technician', '--site', street];
  const child = spawn(process.execPath, [join(ROOT, 'cli/main.ts'), 'user', 'create', ...place, ...role]);
  child.stdin.end(`${technician.password}\n`);
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return said + complained;
};

const bearerToken = async (): Promise<string> => {
  const answer = await topology.api.call(openSession, null, { body: technician });
  if (!answer.ok) throw new Error(`sign-in refused: ${answer.error.code}`);
  return answer.body.token;
};

const signInOnThePortal = async (): Promise<string> => {
  const answer = await fetch(`${topology.portal}/connexion`, {
    method: 'POST',
    body: new URLSearchParams(technician),
    headers: { origin: topology.portal },
    redirect: 'manual',
  });
  const cookie = answer.headers.getSetCookie().find((each) => each.startsWith(`${STAFF_COOKIE}=`));
  return cookie?.split(';')[0] ?? '';
};

const readyAnswers = async (name: string): Promise<number> => (await fetch(`${topology.address(`${name}:8080`)}/ready`)).status;

/** Each turn of each point in a window of time: all there, each once. */
const expectEveryReadingOnce = async (window: Window): Promise<void> => {
  const counts = await countWhenArrived(classes, (asked) => instantsInStore(store, 'axone', asked), window, ARRIVAL_PATIENCE_MS);
  for (const count of counts) {
    expect(count.expected, count.class).toBeGreaterThan(0);
    expect(count).toMatchObject({ arrived: count.expected, duplicates: 0, missing: [] });
  }
};

beforeAll(async () => {
  topology = await prepareTopology({ AXONE_FIELD: 'simulated' });
  await topology.start('mosquitto', 'influxdb', 'postgresql', 'simulators');
  store = await topology.influxdb('axone', 'influxdb-password');
  classes = await pointClassesOf([republique, tilleuls].map((name) => join(ROOT, 'deploy/compose', `${name}.yaml`)));
}, 120_000);
afterAll(() => topology.stop());

describe('docker-compose.yml as separate processes', () => {
  test('ingest is alive but unready until control has migrated the registry', async () => {
    await topology.container('ingest').start();
    const health = `${topology.address('ingest:8080')}/health`;
    await until(
      'ingest says its health',
      () =>
        fetch(health).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    );
    await until(
      'ingest says why it waits',
      async () => (await (await fetch(health)).text()).includes('REGISTRY_NOT_MIGRATED'),
      30_000,
    );
    expect(await readyAnswers('ingest')).toBe(503);
    await topology.start('control');
    await topology.waitUntilReady('ingest');
    expect(await readyAnswers('ingest')).toBe(200);
  }, 180_000);

  test('every service says it is ready', async () => {
    await topology.start('dashboards', republique, tilleuls);
    for (const name of ['control', 'ingest', 'dashboards']) expect(await readyAnswers(name), name).toBe(200);
  }, 180_000);

  test('a technician made on the shared registry signs in and sees every lamp measured', async () => {
    expect(await createTechnician()).toContain('may sign in as technician');
    const cookie = await signInOnThePortal();
    const measuredLamp = /<td[^>]*>(?:(?!<\/td>).)*data-quality="measured"(?:(?!<\/td>).)*\d\s*W\b/g;
    let page = '';
    await until(
      'the street page shows 24 measured powers',
      async () => {
        page = await (await fetch(topology.portal + STREET_PAGE, { headers: { cookie } })).text();
        return (page.match(measuredLamp) ?? []).length >= 24;
      },
      60_000,
    ).catch((thrown: unknown) => {
      throw new Error(`${String(thrown)}\n${page}`);
    });
    expect(page).toContain('REP-24');
    expect(page).toContain('Matériel simulé');
  }, 120_000);

  test('series come from ingest through the same origin', async () => {
    const [from, to] = [formatInstant(instant(Date.now() - 600_000)), formatInstant(instant(Date.now()))];
    const query = { point: pointId('point-republique-l01'), quantity: 'activePowerW', from, to } as const;
    const answer = await topology.api.call(readSeries, await bearerToken(), { query });
    expect(answer).toMatchObject({ ok: true, body: { unit: 'W' } });
    expect(answer.ok && answer.body.values.length).toBeGreaterThan(0);
    expect(await topology.api.call(readSeries, null, { query })).toMatchObject({ ok: false, status: 401 });
  });

  test('an override is proved by the lamp’s own power', async () => {
    const token = await bearerToken();
    const target = { kind: 'light-point', lightPoint: lightPointId('light-point-republique-24') } as const;
    const endsAt = formatInstant(instant(Date.now() + 600_000));
    const begun = await topology.api.call(beginOverride, token, {
      params: { site: street },
      body: { target, levelPercent: 20, endsAt, reason: 'topology' },
    });
    if (!begun.ok) throw new Error(begun.error.code);
    const params = { site: street, override: begun.body.id };
    await until(
      'the override is proved',
      async () => {
        const followed = await topology.api.call(readOverride, token, { params });
        return followed.ok && followed.body.phases.proved === 1;
      },
      60_000,
    );
  }, 90_000);

  test('Grafana’s user reads what is operational and nothing of a dwelling', async () => {
    const file = await readFile(join(ROOT, 'deploy/grafana/provisioning/datasources/influxdb.yaml'), 'utf8');
    const [{ user, jsonData }] = (parse(file) as { datasources: [{ user: string; jsonData: { dbName: string } }] }).datasources;
    const grafana = await topology.influxdb(user, 'grafana-influxdb-password');
    const readings = 'SELECT * FROM "readings" LIMIT 1';
    await until(
      'a dwelling’s reading is kept',
      async () => (await store.query(readings, {}, 'axone_dwellings'))[0]?.length === 1,
      60_000,
    );
    expect((await grafana.query(readings, {}, jsonData.dbName))[0]).toHaveLength(1);
    await expect(grafana.query(readings, {}, 'axone_dwellings')).rejects.toThrow(/not authorized/);
  }, 90_000);

  test('a gateway that publishes under another’s name is not heard, under its own it is', async () => {
    const at = Date.now() - 3_600_000;
    const batch = (point: string): Telemetry => ({
      boot: 1_000_000,
      seq: 0,
      historical: true,
      readings: [{ point: pointId(point), at: formatInstant(instant(at)), values: { activePowerW: 12_345 } }],
    });
    const port = new URL(topology.address('mosquitto:1883')).port;
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      username: tilleuls,
      password: await topology.secret(`mqtt-${tilleuls}`),
      clientId: 'forged',
    });
    const publish = (gateway: GatewayId, point: string) =>
      client.publishAsync(topics.telemetry(gateway), JSON.stringify(batch(point)), { qos: 1 });
    await publish(republique, 'point-republique-meter');
    await publish(tilleuls, 'point-tilleuls-commons');
    await client.endAsync();
    const kept = () => instantsInStore(store, 'axone', { from: at, to: at + 1 });
    await until('the permitted twin is kept', async () => (await kept()).size > 0, 30_000);
    expect([...(await kept()).keys()]).toEqual(['point-tilleuls-commons']);
  }, 60_000);
});

describe('what is measured meanwhile arrives with its own instant, once', () => {
  test('Mosquitto stopped for 15 s', async () => {
    const from = Date.now();
    await topology.container('mosquitto').stop();
    await pause(OUTAGE_MS);
    await topology.start('mosquitto');
    await expectEveryReadingOnce({ from, to: Date.now() + AFTERWARDS_MS });
  }, 180_000);

  test('ingest killed', async () => {
    const from = Date.now();
    await topology.container('ingest').kill();
    await pause(OUTAGE_MS);
    await topology.start('ingest');
    await expectEveryReadingOnce({ from, to: Date.now() + AFTERWARDS_MS });
  }, 180_000);

  test('InfluxDB killed', async () => {
    const from = Date.now() - OUTAGE_MS;
    await topology.container('influxdb').kill();
    await pause(OUTAGE_MS);
    await topology.start('influxdb');
    await expectEveryReadingOnce({ from, to: Date.now() + AFTERWARDS_MS });
    await until('ingest is ready again', async () => (await readyAnswers('ingest')) === 200, 60_000);
  }, 180_000);

  test('PostgreSQL killed', async () => {
    const from = Date.now();
    await topology.container('postgresql').kill();
    await pause(OUTAGE_MS);
    await topology.start('postgresql');
    await expectEveryReadingOnce({ from, to: Date.now() + AFTERWARDS_MS });
    for (const name of ['control', 'ingest'])
      await until(`${name} is ready`, async () => (await readyAnswers(name)) === 200, 60_000);
  }, 180_000);
});
