import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { type Report, reportMessage } from '#contract/messages/report.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant, instant, parseInstant } from '#domain/civil-time.ts';
import { deviceId, type GatewayId, gatewayId } from '#domain/identifiers.ts';
import { createGateway, type DeviceProfiles, gatewayConfiguration, loadProfiles, readProfile } from '#gateway/index.ts';
import { PROFILES_FOLDER } from '#gateway/profiles/load-profiles.ts';
import { type StartedMosquitto, startMosquitto } from '#test/services/start-mosquitto.ts';
import { until } from '#test/services/until.ts';
import { type ScriptedField, startScriptedField } from './scripted-field.ts';

const OBEYS = gatewayId('gateway-obeys');
const READS_ONLY = gatewayId('gateway-reads');
const ELSEWHERE = gatewayId('gateway-elsewhere');

const system = createSystemClock();
let civilState: ReturnType<Clock['civilState']> = 'synchronised';
const clock: Clock = {
  civilNow: () => system.civilNow(),
  civilState: () => civilState,
  speed: 1,
  monotonicNow: () => system.monotonicNow(),
  after: (delayMs, call) => system.after(delayMs, call),
  sleep: (delayMs, signal) => system.sleep(delayMs, signal),
};

const later = (seconds: number): string => formatInstant(instant(clock.civilNow() + seconds * 1000));
const level = (levelPercent: number) => ({ levelPercent, endsAt: later(600) });
const opened = { contactorClosed: false };

/** A copy of a shipped page with some of its words changed. */
const variant = async (name: string, from: string, changes: readonly (readonly [string, string])[]) => {
  const page = await readFile(join(PROFILES_FOLDER, `${from}.yaml`), 'utf8');
  const text = changes.reduce((words, [before, after]) => words.replace(before, after), page);
  return readProfile(text.replace(`profile: ${from}`, `profile: ${name}`), `${name}.yaml`);
};

let mosquitto: StartedMosquitto;
let field: ScriptedField;
let centre: MessageBus;
const reports: Report[] = [];
const closing: (() => Promise<unknown>)[] = [];

const configurationOf = (id: GatewayId, parts: object) =>
  gatewayConfiguration.parse({
    id,
    zone: 'Europe/Paris',
    buses: [
      {
        id: 'bus-test',
        host: '127.0.0.1',
        port: field.server.port,
        devices: [
          { device: 'lamp-1', profile: 'intesis-in703-d4i', unitId: 3, channel: 0 },
          { device: 'lamp-2', profile: 'lamp-never-dark', unitId: 3, channel: 1 },
          { device: 'lamp-3', profile: 'intesis-in703-d4i', unitId: 3, channel: 2, readOnly: true },
          { device: 'lamp-4', profile: 'intesis-in703-d4i', unitId: 3, channel: 3 },
          { device: 'cabinet', profile: 'cabinet-slow', unitId: 2 },
        ],
      },
    ],
    ...parts,
  });

const startGateway = async (id: GatewayId, profiles: DeviceProfiles, parts: object = {}): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-refusals-'));
  const log = await createSegmentLog({ folder, logger: silentLogger });
  const bus = createMqttBus({ url: mosquitto.url, clientId: id, clock, logger: silentLogger });
  const configuration = configurationOf(id, parts);
  const shelf = createMemoryShelf();
  const gateway = createGateway({ configuration, profiles, bus, log, shelf, clock, logger: silentLogger, version: '0.0.0' });
  await gateway.start();
  await until(`${id} is connected`, () => bus.state() === 'connected');
  closing.push(async () => {
    await gateway.stop();
    await bus.disconnect();
    await log.close();
    await rm(folder, { recursive: true });
  });
};

beforeAll(async () => {
  mosquitto = await startMosquitto();
  field = await startScriptedField();
  centre = createMqttBus({ url: mosquitto.url, clientId: 'centre', clock, logger: silentLogger });
  await centre.connect();
  const hear = (_topic: string, payload: Uint8Array): void => {
    reports.push(reportMessage.parse(JSON.parse(new TextDecoder().decode(payload))));
  };
  for (const id of [OBEYS, READS_ONLY]) await centre.subscribe(topics.reports(id), hear);
  const profiles = new Map(await loadProfiles());
  profiles.set('lamp-never-dark', await variant('lamp-never-dark', 'intesis-in703-d4i', [['    min: 0\n', '    min: 10\n']]));
  const quick = [
    ['minOnSeconds: 10', 'minOnSeconds: 2'],
    ['minOffSeconds: 10', 'minOffSeconds: 2'],
    ['minSecondsBetweenWrites: 1', 'minSecondsBetweenWrites: 0.1'],
  ] as const;
  profiles.set('cabinet-slow', await variant('cabinet-slow', 'axone-demo-cabinet', quick));
  await startGateway(OBEYS, profiles);
  await startGateway(READS_ONLY, profiles, { readOnly: true });
}, 60_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
  await centre.disconnect();
  await field.server.close();
  await mosquitto.stop();
});
beforeEach(() => {
  civilState = 'synchronised';
  field.writes.length = 0;
  reports.length = 0;
});

interface Order {
  readonly gateway?: GatewayId;
  readonly device: string;
  readonly id: string;
  readonly set: object;
  readonly expiresAt?: string;
}

const send = ({ gateway = OBEYS, device, id, set, expiresAt = later(60) }: Order): Promise<void> => {
  const message = { id, set, expiresAt, by: 'account-technician', reason: 'works' };
  return centre.publish(topics.deviceTelecommand(gateway, deviceId(device)), JSON.stringify(message), { qos: 1 });
};
const ofOrder = (id: string): readonly Report[] => reports.filter((report) => report.id === id);
const refusalOf = async (id: string): Promise<Report> => {
  const refused = () => ofOrder(id).find(({ phase }) => phase === 'rejected' || phase === 'expired');
  await until(`${id} is refused`, () => refused() !== undefined);
  return refused() as Report;
};
const obey = async (order: Order): Promise<void> => {
  await send(order);
  await until(`${order.id} is applied`, () => ofOrder(order.id).some(({ phase }) => phase === 'applied'), 20_000);
  expect(field.writes.length).toBeGreaterThan(0);
};

/** Each rule with an order that breaks it, and its twin that keeps it. */
const RULES: readonly (readonly [rule: string, code: Report['code'], said: RegExp, refused: () => Order, twin: () => Order])[] = [
  [
    'has expired',
    'TELECOMMAND_EXPIRED',
    /expired at/,
    () => ({ device: 'lamp-1', id: 'late', set: level(20), expiresAt: later(-1) }),
    () => ({ device: 'lamp-1', id: 'in-time', set: level(20) }),
  ],
  [
    'is for a device of another gateway',
    'TELECOMMAND_TARGET_UNKNOWN',
    /gateway-obeys has no lamp-99/,
    () => ({ device: 'lamp-99', id: 'stranger', set: level(25) }),
    () => ({ device: 'lamp-1', id: 'own', set: level(25) }),
  ],
  [
    'is below what the profile lets be written',
    'WRITE_OUT_OF_RANGE',
    /between 10 and 100; 5 was asked/,
    () => ({ device: 'lamp-2', id: 'too-dark', set: level(5) }),
    () => ({ device: 'lamp-2', id: 'dark', set: level(10) }),
  ],
  [
    'is beyond full light',
    'MESSAGE_INVALID',
    /at set\.levelPercent/,
    () => ({ device: 'lamp-1', id: 'too-bright', set: level(101) }),
    () => ({ device: 'lamp-1', id: 'bright', set: level(100) }),
  ],
  [
    'asks for what is in no allow-list',
    'WRITE_NOT_ALLOWED',
    /not in the allow-list of profile intesis-in703-d4i/,
    () => ({ device: 'lamp-1', id: 'not-listed', set: opened }),
    () => ({ device: 'lamp-1', id: 'listed', set: level(30) }),
  ],
  [
    'is for a device that is only read',
    'WRITE_NOT_ALLOWED',
    /only read \(readOnly\)/,
    () => ({ device: 'lamp-3', id: 'device-reads-only', set: { identify: true } }),
    () => ({ device: 'lamp-4', id: 'device-is-written', set: { identify: true } }),
  ],
  [
    'is for a gateway that only reads',
    'WRITE_NOT_ALLOWED',
    /this gateway only reads/,
    () => ({ gateway: READS_ONLY, device: 'lamp-1', id: 'gateway-reads-only', set: level(35) }),
    () => ({ device: 'lamp-1', id: 'gateway-writes', set: level(35) }),
  ],
];

describe('an order over MQTT', () => {
  test.each(RULES)(
    'that %s is refused by %s and never reaches the bus; its twin does',
    async (_rule, code, said, refused, twin) => {
      const order = refused();
      await send(order);
      const report = await refusalOf(order.id);
      expect(report.code).toBe(code);
      expect(report.why).toMatch(said);
      expect(field.writes).toEqual([]);
      await obey(twin());
    },
  );

  test('that comes again is obeyed once; another one is obeyed', async () => {
    await obey({ device: 'lamp-1', id: 'once', set: level(40) });
    const written = field.writes.length;
    await send({ device: 'lamp-1', id: 'once', set: level(45) });
    expect(await refusalOf('once')).toMatchObject({ code: 'TELECOMMAND_REPEATED', phase: 'rejected' });
    expect(field.writes).toHaveLength(written);
    await obey({ device: 'lamp-1', id: 'twice', set: level(45) });
  });

  test('to another gateway is not heard; to this one it is', async () => {
    await send({ gateway: ELSEWHERE, device: 'lamp-1', id: 'elsewhere', set: level(50) });
    await obey({ device: 'lamp-1', id: 'here', set: level(55) });
    expect(ofOrder('elsewhere')).toEqual([]);
    expect(field.writes.filter((write) => write.endsWith('=50'))).toEqual([]);
  });

  test('is refused while the clock is unknown, and obeyed once it is set', async () => {
    civilState = 'unknown';
    await send({ device: 'lamp-1', id: 'no-clock', set: level(60) });
    expect(await refusalOf('no-clock')).toMatchObject({ code: 'CLOCK_UNTRUSTED' });
    expect(field.writes).toEqual([]);
    civilState = 'synchronised';
    await obey({ device: 'lamp-1', id: 'clock', set: level(60) });
  });

  test('to a contactor that has just moved is refused, saying when it may come again; it is obeyed then', async () => {
    await obey({ device: 'cabinet', id: 'open', set: opened });
    const written = field.writes.length;
    const ids = ['close-1', 'close-2', 'close-3'];
    for (const id of ids) await send({ device: 'cabinet', id, set: { contactorClosed: true } });
    const refusals = await Promise.all(ids.map(refusalOf));
    for (const { code, why } of refusals) {
      expect(code).toBe('WRITE_TOO_OFTEN');
      expect(why).toMatch(/off for 2 s at least/);
    }
    expect(field.writes).toHaveLength(written);
    // Asking again and again puts nothing off.
    const instants = refusals.map(({ why }) => /at (\S+Z)/.exec(why ?? '')?.[1] ?? '');
    const againAt = Math.max(...instants.map((at) => parseInstant(at)));
    expect(againAt - Math.min(...instants.map((at) => parseInstant(at)))).toBeLessThan(50);
    await until('it may come again', () => clock.civilNow() >= againAt);
    await obey({ device: 'cabinet', id: 'close-4', set: { contactorClosed: true } });
    expect(field.contactors).toEqual([1, 1, 1, 1]);
  });

  test('of a level among many is not refused: the bus has few, and the last one wins', async () => {
    const wanted = [10, 90, 20, 80, 30, 70, 40, 60, 33];
    for (const [index, percent] of wanted.entries()) await send({ device: 'lamp-4', id: `wish-${index}`, set: level(percent) });
    await until('the last wish is in effect', () => field.lamps[3]?.levelPercent === 33);
    expect(field.writes.length).toBeLessThan(wanted.length / 2);
    expect(reports.filter(({ phase }) => phase === 'rejected')).toEqual([]);
  });
});
