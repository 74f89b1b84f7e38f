import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mosquittoAcl } from '#adapters/broker/mosquitto-acl.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { type Telemetry, telemetryMessage } from '#contract/messages/telemetry.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { createField, type Field } from '#simulators/index.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { type RunningProgram, startProgram } from '#test/services/start-program.ts';
import { until } from '#test/services/until.ts';

const GATEWAY = gatewayId('gateway-republique');
const ROOT = join(import.meta.dirname, '..', '..');
const clock = createSystemClock();

let folder: string;
let broker: StartedMosquitto;
let field: Field;
let centre: MessageBus;
let program: RunningProgram;
const batches: Telemetry[] = [];

const start = (): RunningProgram =>
  startProgram(process.execPath, [join(ROOT, 'gateway', 'main.ts'), '--config', join(folder, 'gateway.yaml')], {
    env: {
      AXONE_MQTT_URL: broker.url,
      AXONE_MQTT_USER: GATEWAY,
      AXONE_MQTT_PASSWORD_FILE: join(folder, 'password'),
      AXONE_DATA: join(folder, 'data'),
    },
  });

beforeEach(async () => {
  batches.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'axone-process-'));
  broker = await startMosquitto({
    users: { [GATEWAY]: 'gateway-secret', ingest: 'ingest-secret' },
    acl: mosquittoAcl([{ role: 'ingest' }, { role: 'gateway', gateway: GATEWAY }]),
  });
  const anyPort = { host: '127.0.0.1', port: 0 };
  field = createField({ clock, logger: silentLogger, shelf: null, street: anyPort, building: anyPort });
  await field.start();
  const demo = await readFile(join(ROOT, 'deploy', 'demo', 'gateway-republique.yaml'), 'utf8');
  const quick = 'poll: { lightsSeconds: 1, metersSeconds: 1, sensorsSeconds: 1 }\n';
  await writeFile(join(folder, 'gateway.yaml'), quick + demo.replace('port: 1502', `port: ${field.listening()[0]?.port}`));
  await writeFile(join(folder, 'password'), 'gateway-secret\n');
  centre = createMqttBus({
    url: broker.url,
    username: 'ingest',
    password: 'ingest-secret',
    clientId: 'ingest',
    clock,
    logger: silentLogger,
  });
  await centre.connect();
  await centre.subscribe(filters.telemetry, (_topic, payload) => {
    const batch = telemetryMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
    batches.push(batch);
    const ack = { boot: batch.boot, ranges: [[batch.seq, batch.seq]], refused: [] };
    void centre.publish(topics.ack(GATEWAY), JSON.stringify(ack), { qos: 1 }).catch(() => undefined);
  });
  program = start();
});
afterEach(async () => {
  await program.end('SIGKILL');
  await centre.disconnect();
  await field.stop();
  await broker.stop();
  await rm(folder, { recursive: true });
});

const lamp = () => batches.flatMap(({ readings }) => readings).filter(({ point }) => point === 'point-republique-l01');

/** Each number once, without a hole: nothing is lost, nothing doubled. */
const numbersOf = (boot: number): readonly number[] =>
  [...new Set(batches.filter((batch) => batch.boot === boot).map(({ seq }) => seq))].sort((a, b) => a - b);

describe('a gateway as a process, over Mosquitto with its ACL', () => {
  test('killed and started again loses nothing that it had read and goes on', async () => {
    await until('readings', () => lamp().length >= 3, 20_000);
    await broker.kill();
    await until('the link is lost', () => program.output().includes('bus-disconnected'));
    const before = lamp().length;
    await until(
      'it kept reading',
      async () => (await readFile(join(folder, 'data', 'outbox', 'segment-0000000000000000.log'))).length > 60_000,
    );
    await program.end('SIGKILL');
    await broker.restart();
    await until('the centre is back', () => centre.state() === 'connected', 20_000);
    program = start();
    await until('the second run reports', () => batches.some(({ boot, readings }) => boot === 2 && readings.length > 0), 20_000);
    await until('what was kept came', () => batches.some(({ boot, historical }) => boot === 1 && historical === true), 20_000);
    await until('all of it', () => numbersOf(1).every((seq, index) => seq === index) && lamp().length > before + 2, 20_000);
    const instants = lamp().map(({ at }) => at);
    expect(new Set(instants).size).toBeGreaterThan(before + 2);
    expect(await program.end('SIGTERM')).toBe(0);
  }, 90_000);

  test('says what is wrong in its configuration, on which line, and exits with 2', async () => {
    await writeFile(join(folder, 'gateway.yaml'), 'id: gateway-republique\nzone: Europe/Paris\nbuses: none\n');
    const wrong = start();
    await until('it ended', () => !wrong.isRunning());
    expect(await wrong.end('SIGTERM')).toBe(2);
    expect(wrong.output()).toMatch(/CONFIG_INVALID: .*gateway\.yaml, line 3, at buses/);
  });
});
