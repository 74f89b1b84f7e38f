import { setTimeout as pause } from 'node:timers/promises';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { Report } from '#contract/messages/report.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { deviceId } from '#domain/identifiers.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import { wireMs } from '#gateway/modbus/serial-timing.ts';
import { type DeviceProfiles, loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { createModbusServer } from '#simulators/modbus-server/modbus-server.ts';
import type { ModbusUnit } from '#simulators/modbus-server/modbus-unit.ts';
import { answerRequest } from '#simulators/modbus-server/request-answer.ts';
import { startPty } from '#test/services/start-pty.ts';
import { until } from '#test/services/until.ts';
import { type BenchRow, row } from './bench.ts';
import { BENCH_GATEWAY, type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { profiledUnit } from './profiled-unit.ts';
import { sendPaced } from './send-paced.ts';

const SPEED = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
const METER = 'eastron-sdm120';
const METERS = 24;
const DIMMER = 'wirenboard-wb-mdm3';
/** Of each line: an order waits for nothing but the line, as one lamp is written each second at most. */
const LAMPS = 8;
const FIRST_LAMP_UNIT = 30;
const TURNAROUND_MS = 20;
const REQUEST_BYTES = 8;
const ORDERS = 200;
const SLACK_MS = 50;
const PATIENCE_MS = 30_000;
/** Of one line; each unit is asked twice. */
const REQUESTS_OF_A_ROUND = 2 * (METERS + LAMPS);
/** Lamps are programmed in the first of them. */
const ROUNDS_BEFORE = 4;
const HOUR_MS = 3_600_000;
const LEVELS = { least: 20, different: 70 };
/** Orders come at no moment of a round in particular. */
const PAUSES_MS = Array.from({ length: ORDERS }, (_each, index) => (index * 137) % 400);

const clock = createSystemClock();

/** What a line of the field saw. */
class Watched {
  readonly requests: { readonly at: number; readonly kind: string }[] = [];
  onLevel: (levelPercent: number) => void = () => undefined;

  units(profiles: DeviceProfiles): ReadonlyMap<number, ModbusUnit> {
    const seconds = (): number => performance.now() / 1000;
    const unit = (name: string): ModbusUnit => {
      const profile = profiles.get(name);
      if (profile === undefined) throw new Error(`no profile ${name}`);
      const device = profiledUnit(profile, { seconds, onWrite: (_address, [level = 0]) => this.onLevel(level) });
      return {
        read: (table, address, count) => {
          this.asked(`${table} ${address} ${count}`);
          return device.read(table, address, count);
        },
        write: (table, address, values) => {
          this.asked(`write ${table}`);
          device.write(table, address, values);
        },
      };
    };
    const meters = Array.from({ length: METERS }, (_each, index): [number, ModbusUnit] => [index + 1, unit(METER)]);
    const lamps = Array.from({ length: LAMPS }, (_each, index): [number, ModbusUnit] => [FIRST_LAMP_UNIT + index, unit(DIMMER)]);
    return new Map([...meters, ...lamps]);
  }

  asked(kind: string): void {
    this.requests.push({ at: performance.now(), kind });
  }
}

/** Units on a pseudo-terminal that paces its bytes like a wire. */
const startSerial = async (units: ReadonlyMap<number, ModbusUnit>) => {
  const pty = await startPty();
  let heard = Buffer.alloc(0);
  const answer = (frame: Buffer): void => {
    const unitId = frame.readUInt8(0);
    const unit = units.get(unitId);
    if (unit === undefined) return;
    const pdu = answerRequest(unit, frame.subarray(1, -2));
    sendPaced(pty, SPEED, encodeRtu(unitId, pdu), performance.now() + wireMs(SPEED, REQUEST_BYTES) + TURNAROUND_MS);
  };
  pty.onBytes((bytes) => {
    heard = Buffer.concat([heard, bytes]);
    for (; heard.length >= REQUEST_BYTES; heard = heard.subarray(REQUEST_BYTES))
      answer(Buffer.from(heard.subarray(0, REQUEST_BYTES)));
  });
  return { line: { kind: 'rtu', path: pty.path, ...SPEED }, stop: () => pty.stop() };
};

const startTcp = async (units: ReadonlyMap<number, ModbusUnit>) => {
  const where = { host: '127.0.0.1', port: 0, use: 'a line of meters', portOption: '' };
  const server = createModbusServer({ clock, logger: silentLogger, ...where, units, beforeRequest: () => undefined });
  await server.start();
  for (const unitId of units.keys()) server.conduct(unitId, { kind: 'late', delayMs: TURNAROUND_MS });
  return { line: { kind: 'tcp', host: '127.0.0.1', port: server.port() }, stop: () => server.stop() };
};

/** Two buses with one address are one line: while one waits for its next round the other is read, so that the line never rests. */
const busesOf = (name: string, line: object): readonly object[] => {
  const meters = Array.from({ length: METERS }, (_each, index) => ({
    device: `meter-${name}-${index}`,
    profile: METER,
    unitId: index + 1,
    point: `point-${name}-${index}`,
  }));
  const lamps = Array.from({ length: LAMPS }, (_each, index) => ({
    device: `lamp-${name}-${index}`,
    profile: DIMMER,
    unitId: FIRST_LAMP_UNIT + index,
    channel: 0,
    point: `point-${name}-lamp-${index}`,
  }));
  return [
    { id: `bus-${name}-a`, ...line, devices: [...meters.slice(0, METERS / 2), ...lamps] },
    { id: `bus-${name}-b`, ...line, devices: meters.slice(METERS / 2) },
  ];
};

/** From the order's publication until its frame is on the line, and until the level was read back. Milliseconds. */
interface Latency {
  readonly framed: number;
  readonly applied: number;
}

const giveOrder = async (gateway: GatewayProcess, lamp: string, watched: Watched, n: number): Promise<Latency> => {
  const levelPercent = LEVELS.least + (n % LEVELS.different);
  const id = `override-${lamp}-${n}`;
  const now = clock.civilNow();
  const order = {
    id,
    set: { levelPercent, endsAt: formatInstant(instant(now + HOUR_MS)) },
    expiresAt: formatInstant(instant(now + PATIENCE_MS)),
    by: 'account-bench',
    reason: 'works',
  };
  const framed = Promise.withResolvers<number>();
  const applied = Promise.withResolvers<number>();
  watched.onLevel = (level) => {
    if (level === levelPercent) framed.resolve(performance.now());
  };
  const subscription = await gateway.control.subscribe(topics.reports(BENCH_GATEWAY), (_topic, payload) => {
    const report = JSON.parse(new TextDecoder().decode(payload)) as Report;
    if (report.id === id && report.phase === 'applied') applied.resolve(performance.now());
  });
  const publishedAt = performance.now();
  await gateway.control.publish(topics.deviceTelecommand(BENCH_GATEWAY, deviceId(lamp)), JSON.stringify(order), { qos: 1 });
  const patience = pause(PATIENCE_MS, null, { ref: false }).then(() => {
    throw new Error(`${id} was not obeyed:\n${gateway.output()}`);
  });
  const [framedAt, appliedAt] = await Promise.race([Promise.all([framed.promise, applied.promise]), patience]);
  await subscription.cancel();
  return { framed: framedAt - publishedAt, applied: appliedAt - publishedAt };
};

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

/** How long the longest kind of request keeps the line: it is what an order may find there. */
const requestMsOf = ({ requests }: Watched): number => {
  const took = requests.slice(0, -1).map(({ at, kind }, index) => ({ kind, ms: (requests[index + 1]?.at ?? at) - at }));
  const kinds = [...Map.groupBy(took, ({ kind }) => kind).values()].filter(({ length }) => length >= METERS);
  return Math.max(
    ...kinds.map((ofKind) =>
      quantile(
        ofKind.map(({ ms }) => ms),
        0.5,
      ),
    ),
  );
};

const rowsOf = (line: string, requestMs: number, latencies: readonly Latency[]): readonly BenchRow[] => {
  const framed = latencies.map((latency) => latency.framed);
  return [
    row(`one request ${line}`, 'ms', null, [requestMs]),
    row(`order until its frame is on the line, ${line}: p50`, 'ms', null, [quantile(framed, 0.5)]),
    row(`order until its frame is on the line, ${line}: p99 of ${ORDERS}`, 'ms', Math.round(requestMs + SLACK_MS), [
      quantile(framed, 0.99),
    ]),
    row(`order until the level was read back, ${line}: p50`, 'ms', null, [
      quantile(
        latencies.map(({ applied }) => applied),
        0.5,
      ),
    ]),
  ];
};

const giveOrders = async (gateway: GatewayProcess, name: string, watched: Watched): Promise<readonly Latency[]> => {
  const latencies: Latency[] = [];
  for (const [n, pauseMs] of PAUSES_MS.entries()) {
    await pause(pauseMs);
    latencies.push(await giveOrder(gateway, `lamp-${name}-${n % LAMPS}`, watched, n));
  }
  return latencies;
};

/** Orders to a lamp whose line is read without rest: on a wire at 9,600 baud, and over Modbus TCP. */
export const measureLatency = async (say: (text: string) => void): Promise<readonly BenchRow[]> => {
  const profiles = await loadProfiles();
  const [wire, network] = [new Watched(), new Watched()];
  const serial = await startSerial(wire.units(profiles));
  const tcp = await startTcp(network.units(profiles));
  const gateway = await startGatewayProcess([...busesOf('wire', serial.line), ...busesOf('network', tcp.line)], () => undefined);
  try {
    await until(
      'both lines are read',
      () => Math.min(wire.requests.length, network.requests.length) > ROUNDS_BEFORE * REQUESTS_OF_A_ROUND,
      2 * PATIENCE_MS,
    );
    const [wireRequestMs, networkRequestMs] = [requestMsOf(wire), requestMsOf(network)];
    say(`${ORDERS} orders to a lamp at 9,600 baud`);
    const onWire = await giveOrders(gateway, 'wire', wire);
    say(`${ORDERS} orders to a lamp over Modbus TCP`);
    const overTcp = await giveOrders(gateway, 'network', network);
    return [...rowsOf('at 9,600 baud', wireRequestMs, onWire), ...rowsOf('over Modbus TCP', networkRequestMs, overTcp)];
  } finally {
    await gateway.stop();
    await serial.stop();
    await tcp.stop();
  }
};
