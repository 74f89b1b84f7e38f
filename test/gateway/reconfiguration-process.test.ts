import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { sealDocument } from '#contract/messages/documents.ts';
import { type Status, statusMessage } from '#contract/messages/status.ts';
import { telemetryMessage } from '#contract/messages/telemetry.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { createField, type Field } from '#simulators/index.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';

const GATEWAY = gatewayId('gateway-republique');
const ROOT = join(import.meta.dirname, '..', '..');
const PATIENCE_MS = 30_000;
const clock = createSystemClock();

let folder: string;
let broker: StartedMosquitto;
let field: Field;
let control: MessageBus;
let ingest: MessageBus;
let program: RunningProgram;
let status: Status | null;
/** Instants of the readings of each point. */
const readings = new Map<string, string[]>();
/** Devices of which the broker keeps a birth. */
const births = new Set<string>();

const start = (): RunningProgram =>
  startProgram(process.execPath, [join(ROOT, 'gateway', 'main.ts'), '--config', join(folder, 'gateway.yaml')], {
    env: {
      AXONE_MQTT_URL: broker.url,
      AXONE_MQTT_USER: GATEWAY,
      AXONE_MQTT_PASSWORD_FILE: join(folder, 'password'),
      AXONE_DATA: join(folder, 'data'),
    },
  });

const portOf = (which: 0 | 1): number => field.listening()[which]?.port ?? 0;

const writeGatewayFile = (more = ''): Promise<void> =>
  writeFile(
    join(folder, 'gateway.yaml'),
    `id: ${GATEWAY}
zone: Europe/Paris
poll: { lightsSeconds: 1, metersSeconds: 1, sensorsSeconds: 1 }
buses:
  - { id: bus-republique, host: 127.0.0.1, port: ${portOf(0)}, devicesFrom: centre }
${more}`,
  );

const connect = async (user: string): Promise<MessageBus> => {
  const bus = createMqttBus({
    ...{ url: broker.url, username: user, password: `${user}-secret`, clientId: user, clock, logger: silentLogger },
  });
  await bus.connect();
  return bus;
};

const listen = async (): Promise<void> => {
  await ingest.subscribe(filters.telemetry, (_topic, payload) => {
    const batch = telemetryMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
    for (const { point, at } of batch.readings) readings.set(point, [...(readings.get(point) ?? []), at]);
    const ack = { boot: batch.boot, ranges: [[batch.seq, batch.seq]], refused: [] };
    void ingest.publish(topics.ack(GATEWAY), JSON.stringify(ack), { qos: 1 }).catch(() => undefined);
  });
  await control.subscribe(filters.status, (_topic, payload) => {
    status = statusMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
  });
  await control.subscribe(filters.births, (topic, payload) => {
    const device = topic.split('/').at(-2) ?? '';
    if (payload.length === 0) births.delete(device);
    else births.add(device);
  });
};

beforeEach(async () => {
  status = null;
  readings.clear();
  births.clear();
  folder = await mkdtemp(join(tmpdir(), 'axone-reconfiguration-'));
  broker = await startMosquitto({
    users: { [GATEWAY]: `${GATEWAY}-secret`, ingest: 'ingest-secret', control: 'control-secret' },
    acl: mosquittoAcl([{ role: 'ingest' }, { role: 'control' }, { role: 'gateway', gateway: GATEWAY }]),
  });
  const anyPort = { host: '127.0.0.1', port: 0 };
  field = createField({ clock, logger: silentLogger, shelf: null, street: anyPort, building: anyPort });
  await field.start();
  await writeFile(join(folder, 'password'), `${GATEWAY}-secret\n`);
  [control, ingest] = [await connect('control'), await connect('ingest')];
  await listen();
});
afterEach(async () => {
  await program.end('SIGKILL');
  await control.disconnect();
  await ingest.disconnect();
  await field.stop();
  await broker.stop();
  await rm(folder, { recursive: true });
});

const luminaire = (number: number, parts: object = {}) => ({
  ...{ device: `luminaire-0${number}`, profile: 'intesis-in703-d4i', unitId: 3, channel: number - 1 },
  ...{ point: `point-republique-l0${number}`, privacy: 'operational', readOnly: false },
  ...parts,
});
const say = (revision: number, devices: readonly object[]): Promise<void> => {
  const document = sealDocument({ revision, buses: [{ bus: 'bus-republique', devices }], groups: [], profiles: {} });
  return control.publish(topics.document(GATEWAY, 'devices'), JSON.stringify(document), { qos: 1, retain: true });
};
const online = () => (status?.state === 'online' ? status : null);
const isApplied = (revision: number) => until(`revision ${revision}`, () => online()?.applied.devices === revision, PATIENCE_MS);
const isReadAgain = async (point: string): Promise<void> => {
  const before = readings.get(point)?.length ?? 0;
  await until(`${point} is read`, () => (readings.get(point)?.length ?? 0) > before + 1, PATIENCE_MS);
};

test('devices are commissioned on a gateway that runs: right ones are read, a wrong document is refused with its place, over a power cut too', async () => {
  await writeGatewayFile();
  program = start();
  await until('it is ready', () => program.output().includes('"ready"'), PATIENCE_MS);
  await say(1, [luminaire(1)]);
  await isApplied(1);
  await isReadAgain('point-republique-l01');
  expect([...births]).toEqual(['luminaire-01']);

  await say(2, [luminaire(1), luminaire(2, { channel: 99 })]);
  await until('it is refused', () => online()?.refused !== undefined, PATIENCE_MS);
  const refusal = { document: 'devices', revision: 2, code: 'DOCUMENT_INVALID' };
  expect(online()?.refused).toMatchObject([refusal]);
  expect(online()?.refused?.[0]?.why).toMatch(/at buses\.0\.devices\.1\.channel: channel 99/);
  await isReadAgain('point-republique-l01');

  await program.end('SIGKILL');
  const boot = online()?.boot ?? 0;
  program = start();
  await until('the next run says so', () => (online()?.boot ?? 0) > boot, PATIENCE_MS);
  await until('the wrong one is refused again', () => online()?.refused?.[0]?.revision === 2, PATIENCE_MS);
  expect(online()?.applied.devices).toBe(1);
  await isReadAgain('point-republique-l01');

  await say(3, [luminaire(2)]);
  await isApplied(3);
  await isReadAgain('point-republique-l02');
  await until('the other is gone', () => !births.has('luminaire-01'), PATIENCE_MS);
  const told = readings.get('point-republique-l01')?.length;
  await isReadAgain('point-republique-l02');
  expect(readings.get('point-republique-l01')?.length).toBe(told);
  expect(await program.end('SIGTERM')).toBe(0);
}, 120_000);

test('SIGHUP makes it read its file again: a wrong line is named and nothing changes, a right one is in force at once', async () => {
  await writeGatewayFile();
  program = start();
  await until('it is ready', () => program.output().includes('"ready"'), PATIENCE_MS);
  await say(1, [luminaire(1)]);
  await isReadAgain('point-republique-l01');
  const building = (unitId: string): string => `  - id: bus-tilleuls
    host: 127.0.0.1
    port: ${portOf(1)}
    devices:
      - { device: meter-commons, profile: schneider-iem3155, unitId: ${unitId}, point: point-tilleuls-commons }
`;
  await writeGatewayFile(building('many'));
  program.child.kill('SIGHUP');
  await until('it is refused', () => online()?.refusedFile !== undefined, PATIENCE_MS);
  expect(online()?.refusedFile?.code).toBe('CONFIG_INVALID');
  expect(online()?.refusedFile?.why).toMatch(/gateway\.yaml, line 10, at buses\.1\.devices\.0\.unitId/);
  expect(program.output()).toMatch(/line 10.*"event":"file-refused"/);
  await isReadAgain('point-republique-l01');

  await writeGatewayFile(building('1'));
  program.child.kill('SIGHUP');
  await isReadAgain('point-tilleuls-commons');
  await isReadAgain('point-republique-l01');
  await until('it says so', () => online() !== null && online()?.refusedFile === undefined, PATIENCE_MS);
  expect(online()?.boot).toBe(1);
}, 90_000);
