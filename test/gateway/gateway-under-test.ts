import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker, type InMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { ackMessage } from '#contract/messages/ack.ts';
import type { Birth } from '#contract/messages/device.ts';
import { type ProgramsDocument, sealDocument } from '#contract/messages/documents.ts';
import type { Field } from '#contract/messages/field.ts';
import { MESSAGES } from '#contract/messages/index.ts';
import type { Report } from '#contract/messages/report.ts';
import type { Status } from '#contract/messages/status.ts';
import type { EdgeEvent, Telemetry } from '#contract/messages/telemetry.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, parseTopic, topics } from '#contract/topics.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import {
  type ConnectModbus,
  createFieldLines,
  createGateway,
  type DeviceProfiles,
  type Gateway,
  type GatewayConfiguration,
  gatewayConfiguration,
  gatewayLastWill,
  loadProfiles,
  readBoot,
} from '#gateway/index.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { powerAt } from './scripted-field.ts';

export const GATEWAY = gatewayId('gateway-test');
export const LAMPS = ['lamp-1', 'lamp-2', 'lamp-3', 'lamp-4'] as const;

/** The configuration of the scripted field. */
export const testConfiguration = (port: number, parts: object = {}): GatewayConfiguration =>
  gatewayConfiguration.parse({
    id: GATEWAY,
    zone: 'Europe/Paris',
    buses: [
      {
        id: 'bus-test',
        host: '127.0.0.1',
        port,
        devices: [
          ...LAMPS.map((device, channel) => ({
            device,
            profile: 'intesis-in703-d4i',
            unitId: 3,
            channel,
            point: `point-${device}`,
          })),
          { device: 'cabinet', profile: 'axone-demo-cabinet', unitId: 2, point: 'point-cabinet' },
          { device: 'meter-flat-1', profile: 'eastron-sdm120', unitId: 11, point: 'point-flat-1', privacy: 'dwelling' },
          { device: 'meter-flat-2', profile: 'eastron-sdm120', unitId: 12, point: 'point-flat-2', privacy: 'dwelling' },
        ],
      },
    ],
    groups: [
      { group: 'group-all', bus: 'bus-test', unitId: 3, busGroup: 'broadcast', members: LAMPS },
      { group: 'group-north', bus: 'bus-test', unitId: 3, busGroup: 0, members: LAMPS.slice(0, 2) },
      { group: 'group-south', bus: 'bus-test', unitId: 3, busGroup: 1, members: LAMPS.slice(2) },
    ],
    ...parts,
  });

/** Everything at one level, all day. */
export const programsDocument = (revision: number, levelPercent: number): ProgramsDocument =>
  sealDocument({
    revision,
    timeZone: 'Europe/Paris',
    position: { latitude: 49.564, longitude: 3.62 },
    defaultLevelPercent: 100,
    lightPoints: LAMPS.map((device) => ({
      device: device as never,
      ratedPowerW: 40,
      powerTable: [0, 50, 100].map((level) => ({ levelPercent: level, powerW: powerAt(level) })),
    })),
    groups: [{ id: 'group-north' as never, members: LAMPS.slice(0, 2) as never }],
    programs: [
      {
        id: 'program-test',
        version: revision,
        name: 'Test',
        by: 'account-technician',
        activePeriods: [],
        fixedTimeControls: [{ startTime: '00:00' as never, levelPercent }],
      },
    ],
    assignments: [{ target: { kind: 'all' as const }, program: 'program-test' }],
  });

/** The centre as the gateway hears it: every message is checked against the contract. */
export interface Centre {
  readonly bus: MessageBus;
  readonly telemetry: Telemetry[];
  readonly reports: Report[];
  readonly statuses: Status[];
  readonly availabilities: string[];
  /** What the broker keeps of each device, by topic: births and availabilities. Nothing of one that was taken back. */
  readonly kept: Map<string, unknown>;
  readonly fields: Field[];
  /** False: nothing is acknowledged. */
  acknowledges: boolean;
  readonly broken: string[];
  document(name: 'programs' | 'overrides' | 'consents' | 'devices', content: object): Promise<void>;
  events(): readonly EdgeEvent[];
  phases(order: string, device?: string): readonly string[];
}

const joinCentre = async (broker: InMemoryBroker): Promise<Centre> => {
  const bus = broker.createBus({ clientId: 'centre' });
  await bus.connect();
  const centre: Centre = {
    bus,
    telemetry: [],
    reports: [],
    statuses: [],
    availabilities: [],
    kept: new Map(),
    fields: [],
    acknowledges: true,
    broken: [],
    document: (name, content) => bus.publish(topics.document(GATEWAY, name), JSON.stringify(content), { qos: 1, retain: true }),
    events: () => centre.telemetry.flatMap(({ events }) => events ?? []),
    phases: (order, device) =>
      centre.reports
        .filter((report) => report.id === order && (device === undefined || report.device === device))
        .map(({ phase }) => phase),
  };
  const hear = async (
    filter: string,
    schema: { parse(value: unknown): unknown },
    take: (message: never, topic: string) => void,
  ) =>
    bus.subscribe(filter, (topic, payload) => {
      if (payload.length === 0) {
        centre.kept.delete(topic);
        return;
      }
      try {
        take(schema.parse(JSON.parse(new TextDecoder().decode(payload))) as never, topic);
      } catch (thrown) {
        centre.broken.push(`${topic}: ${String(thrown)}`);
      }
    });
  await hear(filters.telemetry, MESSAGES.telemetry.schema, (message: Telemetry) => {
    centre.telemetry.push(message);
    const { boot, seq } = message;
    if (centre.acknowledges) void acknowledge(bus, boot, seq);
  });
  await hear(filters.reports, MESSAGES.reports.schema, (message: Report) => centre.reports.push(message));
  await hear(filters.status, MESSAGES.status.schema, (message: Status) => centre.statuses.push(message));
  await hear(filters.fields, MESSAGES.field.schema, (message: Field) => centre.fields.push(message));
  await hear(filters.births, MESSAGES.birth.schema, (message: Birth, topic) => void centre.kept.set(topic, message));
  await hear(filters.availabilities, MESSAGES.availability.schema, (message: { state: string }, topic) => {
    const parsed = parseTopic(topic);
    centre.kept.set(topic, message);
    centre.availabilities.push(`${parsed?.kind === 'availability' ? parsed.device : topic} ${message.state}`);
  });
  return centre;
};

export const acknowledge = (bus: MessageBus, boot: number, seq: number): Promise<void> =>
  bus.publish(topics.ack(GATEWAY), JSON.stringify(ackMessage.parse({ boot, ranges: [[seq, seq]], refused: [] })), { qos: 1 });

export interface Bench {
  readonly clock: SimulatedClock;
  readonly broker: InMemoryBroker;
  readonly centre: Centre;
  readonly shelf: DocumentShelf;
  readonly folder: string;
  /** Units from which no answer is coming. */
  readonly silent: Set<number>;
  /** Starts a gateway on the bench's shelf and log: again after `crash` or `stop` is a restart. */
  boot(configuration: GatewayConfiguration): Promise<Gateway>;
  /** Cuts it off as a power cut does: nothing more leaves, nothing is finished. */
  crash(): Promise<void>;
  /** Moves the clock until it is so. */
  advanceUntil(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
  advance(elapsedMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Counts what is under way in the real world, so that the simulated clock never runs ahead of an answer that is coming. */
const createTraffic = () => {
  const silent = new Set<number>();
  let underWay = 0;
  const counted = <T>(work: Promise<T>): Promise<T> => {
    underWay += 1;
    return work.finally(() => {
      underWay -= 1;
    });
  };
  const connect: ConnectModbus = (bus, line, clock, ear) => {
    const transport = connectModbus(bus, line, clock, ear);
    return {
      get isConnected() {
        return transport.isConnected;
      },
      connect: () => counted(transport.connect()),
      request: (unitId, pdu, timeoutMs) => {
        const answer = transport.request(unitId, pdu, timeoutMs);
        return silent.has(unitId) ? answer : counted(answer);
      },
      close: () => transport.close(),
    };
  };
  const watched = (log: DurableLog): DurableLog => ({
    append: (payloads) => counted(log.append(payloads)),
    read: (from, limit) => counted(log.read(from, limit)),
    trim: (before) => counted(log.trim(before)),
    damages: log.damages,
    bounds: () => log.bounds(),
    get sizeBytes() {
      return log.sizeBytes;
    },
    close: () => log.close(),
  });
  const quiet = async (): Promise<void> => {
    for (let calm = 0; calm < CALM_TURNS; calm = underWay === 0 ? calm + 1 : 0) await turn();
  };
  return { silent, connect, watched, quiet };
};

/** Turns of the event loop without anything under way, after which nothing more is coming. */
const CALM_TURNS = 4;

let profiles: DeviceProfiles | null = null;

export const openBench = async (civil = '2026-11-24T12:00:00Z', shelf: DocumentShelf = createMemoryShelf()): Promise<Bench> => {
  profiles ??= await loadProfiles();
  const known = profiles;
  const clock = createSimulatedClock({ civil: parseInstant(civil) });
  const broker = createInMemoryBroker(silentLogger);
  const centre = await joinCentre(broker);
  const folder = await mkdtemp(join(tmpdir(), 'axone-gateway-'));
  const running: (() => Promise<void>)[] = [];
  let boots = 0;
  const traffic = createTraffic();
  const advance = async (elapsedMs: number): Promise<void> => {
    for (let moved = 0; moved < elapsedMs; moved += 100) {
      await traffic.quiet();
      await clock.advance(100);
    }
    await traffic.quiet();
  };
  const stopAll = async (): Promise<void> => {
    for (const stop of running.splice(0)) await stop();
  };
  return {
    clock,
    broker,
    centre,
    shelf,
    folder,
    silent: traffic.silent,
    boot: async (configuration) => {
      boots += 1;
      const clientId = `gateway-boot-${boots}`;
      const log = traffic.watched(await createSegmentLog({ folder, logger: silentLogger, segmentBytes: 4096 }));
      const bus = broker.createBus({ clientId, will: gatewayLastWill(GATEWAY, await readBoot(shelf), '0.0.0') });
      const gateway = createGateway({
        configuration,
        profiles: known,
        bus,
        log,
        shelf,
        clock,
        logger: silentLogger,
        version: '0.0.0',
        lines: createFieldLines({ clock, logger: silentLogger, connect: traffic.connect }),
      });
      await gateway.start();
      running.push(async () => {
        await gateway.stop();
        await bus.disconnect();
        await log.close();
      });
      return gateway;
    },
    crash: async () => {
      broker.cut(`gateway-boot-${boots}`);
      await stopAll();
    },
    advance,
    advanceUntil: async (what, holds, limitMs = 60_000) => {
      for (let moved = 0; !holds(); moved += 100) {
        if (moved > limitMs) throw new Error(`Still not so after ${limitMs} ms: ${what}`);
        await advance(100);
      }
    },
    close: async () => {
      await stopAll();
      await rm(folder, { recursive: true });
      if (centre.broken.length > 0) throw new Error(`Messages outside the contract: ${centre.broken.join('; ')}`);
    },
  };
};
