import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import type { Ack } from '#contract/messages/ack.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service } from '#contract/ports/lifecycle.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { brokerUserName, topics } from '#contract/topics.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { createIngest } from '#ingest/index.ts';
import { demoClients, demoCredentials } from '#test/ports/message-bus/mqtt-broker-under-test.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { until } from '#test/services/until.ts';
import { demoField, demoHousing, republique } from './demo-field.ts';

const clock = createSystemClock();
const START = instant(clock.civilNow() - 3_600_000);
const point = pointId('point-republique-meter');

let folder: string;
let mosquitto: StartedMosquitto;
let influxdb: StartedInfluxdb;
let registry: Awaited<ReturnType<typeof openRegistryFile>>;
let rights: IngestRegistry;
let store: TimeSeriesStore;
let ingest: Service;
let gateway: MessageBus;
let acks: Ack[];

const busOf = (name: string, clean = true): MessageBus =>
  createMqttBus({
    url: mosquitto.url,
    username: name,
    password: demoCredentials.get(name) ?? '',
    clientId: name,
    clean,
    clock,
    logger: silentLogger,
  });

const startIngest = async (): Promise<Service> => {
  const service = createIngest({ bus: busOf('ingest', false), store, registry: rights, clock, logger: silentLogger });
  await service.start();
  return service;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-ingest-'));
  const names = [...demoClients.values()].map(brokerUserName);
  const users = Object.fromEntries(names.map((name) => [name, demoCredentials.get(name) ?? '']));
  [mosquitto, influxdb] = await Promise.all([
    startMosquitto({ users, acl: mosquittoAcl(demoClients.values()) }),
    startInfluxdb(),
  ]);
  registry = await openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger: silentLogger });
  await registry.as('control').assets.replaceAssets(demoField, 'a');
  await registry.as('control').housing.replaceHousing(demoHousing, 'a');
  rights = registry.as('ingest').ingest;
  store = createInfluxdbStore({
    url: influxdb.url,
    database: 'axone',
    dwellingDatabase: 'axone-dwellings',
    logger: silentLogger,
  });
  ingest = await startIngest();
  gateway = busOf(republique);
  acks = [];
  await gateway.subscribe(topics.ack(republique), (_topic, payload) =>
    acks.push(JSON.parse(new TextDecoder().decode(payload)) as Ack),
  );
  await gateway.connect();
});

afterEach(async () => {
  await ingest.stop();
  await gateway.disconnect();
  await registry.close();
  await Promise.all([mosquitto.stop(), influxdb.stop()]);
  await rm(folder, { recursive: true });
});

const batch = (seq: number, power = seq, historical = false) =>
  JSON.stringify({
    boot: 1,
    seq,
    ...(historical ? { historical } : {}),
    readings: [{ point, at: formatInstant(instant(START + seq * 1_000)), values: { activePowerW: power } }],
  });
const isAcknowledged = (seq: number): boolean => acks.some(({ ranges }) => ranges.some(([from, to]) => from <= seq && seq <= to));
const sendUntilAcknowledged = async (seq: number): Promise<void> => {
  // as a gateway does: what is not acknowledged is sent again
  await until(
    `batch ${seq} is acknowledged`,
    async () => {
      await gateway.publish(topics.telemetry(republique), batch(seq), { qos: 1 }).catch(() => undefined);
      await until('an answer', () => isAcknowledged(seq), 500).catch(() => undefined);
      return isAcknowledged(seq);
    },
    25_000,
  );
};
const stored = async () => {
  const selection = { point, privacy: 'operational', quantity: 'activePowerW', from: instant(0), to: instant(8e12) } as const;
  return (await store.series(selection, 1_000)).map(({ value }) => value);
};

/** A sender of another make, with the gateway's credentials. */
const foreignPublish = (topic: string, parameters: readonly string[], user: string = republique) =>
  spawnSync('mosquitto_pub', [
    ...[
      '-h',
      '127.0.0.1',
      '-p',
      String(mosquitto.port),
      '-u',
      user,
      '-P',
      demoCredentials.get(user) ?? '',
      '-q',
      '1',
      '-t',
      topic,
    ],
    ...parameters,
  ]);

test('batches of a foreign sender are stored and acknowledged, and its mistakes are quarantined with their reason', async () => {
  const telemetry = topics.telemetry(republique);
  expect(foreignPublish(telemetry, ['-m', batch(1)]).status).toBe(0);
  await writeFile(join(folder, 'bytes'), Buffer.from([0xff, 0xfe, 0x7b, 0x80]));
  foreignPublish(telemetry, ['-f', join(folder, 'bytes')]);
  foreignPublish(telemetry, ['-n']);
  foreignPublish(telemetry, ['-m', '{"boot":1,"seq":2,"readings":"none"}']);
  foreignPublish(telemetry, ['-m', batch(3)]);
  await until('both good batches are acknowledged', () => isAcknowledged(1) && isAcknowledged(3));
  await until('the others are in quarantine', async () => (await rights.quarantined(10)).length === 3);
  expect((await rights.quarantined(10)).map(({ code }) => code)).toEqual([
    'MESSAGE_INVALID',
    'MESSAGE_MALFORMED',
    'MESSAGE_MALFORMED',
  ]);
  expect(acks.flatMap(({ refused }) => refused)).toEqual([{ seq: 2, code: 'MESSAGE_INVALID' }]);
  expect(await stored()).toEqual([1, 3]);
});

test('another gateway that speaks in this one’s name is not heard, and this one is', async () => {
  foreignPublish(topics.telemetry(republique), ['-m', batch(66)], 'gateway-tilleuls');
  await sendUntilAcknowledged(1);
  expect(await stored()).toEqual([1]);
});

test('a batch that comes again with other values, by its own word or not, is counted as a conflict where the store does not see it', async () => {
  await sendUntilAcknowledged(1);
  const conflicts = () => ingest.health().figures?.['conflicts'];
  expect(conflicts()).toBe(0);
  await gateway.publish(topics.telemetry(republique), batch(1, 10), { qos: 1 });
  await until('it is counted', () => conflicts() === 1);
  await ingest.stop();
  ingest = await startIngest();
  await gateway.publish(topics.telemetry(republique), batch(1, 20, true), { qos: 1 });
  await until('it is counted after a restart', () => conflicts() === 1);
  expect(await stored()).toEqual([20]);
});

test('killed by turns, broker and store lose nothing that was acknowledged and double nothing', async () => {
  for (let seq = 1; seq <= 5; seq += 1) await sendUntilAcknowledged(seq);
  await influxdb.kill();
  await gateway.publish(topics.telemetry(republique), batch(6), { qos: 1 });
  await until('ingest is degraded', () => ingest.health().state === 'degraded');
  expect(isAcknowledged(6)).toBe(false);
  await influxdb.restart();
  await sendUntilAcknowledged(6);

  await mosquitto.kill();
  await until('ingest sees it', () => ingest.health().state === 'degraded');
  await mosquitto.restart();
  for (let seq = 7; seq <= 9; seq += 1) await sendUntilAcknowledged(seq);
  expect(await stored()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('what was sent while ingest was stopped waits at the broker, and is stored when it is back', async () => {
  await sendUntilAcknowledged(1);
  await ingest.stop();
  await gateway.publish(topics.telemetry(republique), batch(2), { qos: 1 });
  ingest = await startIngest();
  await until('it is acknowledged', () => isAcknowledged(2));
  expect(await stored()).toEqual([1, 2]);
});
