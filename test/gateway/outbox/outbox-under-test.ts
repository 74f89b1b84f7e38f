import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker, type InMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { fault } from '#contract/errors.ts';
import { type Ack, ackMessage } from '#contract/messages/ack.ts';
import { type Reading, type Telemetry, telemetryMessage } from '#contract/messages/telemetry.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { formatInstant, type Instant, parseInstant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { Outbox } from '#gateway/outbox/outbox.ts';

export const GATEWAY = gatewayId('gateway-test');

export interface Arrival {
  readonly batch: Telemetry;
  /** Elapsed milliseconds of the simulated clock. */
  readonly at: number;
}

/** What a test may break of a disk. */
export interface Disk {
  /** Appends are refused with this system code, as a full disk does. */
  refuses: string | null;
  /** Every append that succeeded. */
  appended: number;
}

export interface Run {
  readonly outbox: Outbox;
  readonly log: DurableLog;
  readonly boot: number;
}

export interface OutboxBench {
  readonly clock: SimulatedClock;
  readonly disk: Disk;
  readonly arrivals: Arrival[];
  readonly logged: string[];
  /** What the centre does of each batch; it acknowledges its numbers when absent. */
  onBatch: (batch: Telemetry, acknowledge: (ack: Ack) => void) => void;
  /** Where the running boot keeps its segments. */
  folder(): string;
  link(isUp: boolean): void;
  /** Starts the next boot on what the last one left. */
  boot(limitBytes?: number): Promise<Run>;
  /** Ends the running boot as a power cut does, leaving on the disk what it holds now. */
  kill(spoil?: (folder: string) => Promise<void>): Promise<void>;
  advance(elapsedMs: number, stepMs?: number): Promise<void>;
  advanceUntil(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
  close(): Promise<void>;
}

export const readingAt = (point: string, at: Instant, values: Reading['values'] = { activePowerW: 1 }): Reading => ({
  point: point as Reading['point'],
  at: formatInstant(at),
  values,
});

/** Ranges of the numbers that a batch stands for. */
export const ackOf = ({ boot, seq, gap }: Telemetry): Ack => ({ boot, ranges: [[gap?.from ?? seq, seq]], refused: [] });

/** The same bus, every message half a round trip later in each direction. */
const delayed = (bus: MessageBus, clock: Clock, roundTripMs: number): MessageBus => ({
  ...bus,
  publish: async (topic, payload, options) => {
    if (bus.state() !== 'connected') return bus.publish(topic, payload, options);
    await clock.sleep(roundTripMs / 2);
    return bus.publish(topic, payload, options);
  },
  subscribe: (filter, handler) =>
    bus.subscribe(filter, (topic, payload) => void clock.after(roundTripMs / 2, () => handler(topic, payload))),
});

/** Counts what the disk is doing, so that the simulated clock never runs ahead of it. */
const createWatch = () => {
  let underWay = 0;
  const counted = <T>(work: Promise<T>): Promise<T> => {
    underWay += 1;
    return work.finally(() => {
      underWay -= 1;
    });
  };
  return {
    counted,
    quiet: async (): Promise<void> => {
      for (let calm = 0; calm < 4; calm = underWay === 0 ? calm + 1 : 0) await turn();
    },
  };
};

const watchedLog = (log: DurableLog, disk: Disk, counted: <T>(work: Promise<T>) => Promise<T>): DurableLog => ({
  append: async (payloads) => {
    if (disk.refuses !== null) {
      const cause = Object.assign(new Error(`${disk.refuses}: write`), { code: disk.refuses });
      throw fault('DATA_FOLDER_UNWRITABLE', { folder: 'outbox', reason: cause.message }, cause);
    }
    const positions = await counted(log.append(payloads));
    disk.appended += payloads.length;
    return positions;
  },
  read: (from, limit) => counted(log.read(from, limit)),
  trim: (before) => counted(log.trim(before)),
  damages: log.damages,
  bounds: () => log.bounds(),
  get sizeBytes() {
    return log.sizeBytes;
  },
  close: () => log.close(),
});

const joinCentre = async (broker: InMemoryBroker, clock: SimulatedClock, bench: Pick<OutboxBench, 'arrivals' | 'onBatch'>) => {
  const bus = broker.createBus({ clientId: 'centre' });
  await bus.connect();
  await bus.subscribe(filters.telemetry, (_topic, payload) => {
    const batch = telemetryMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
    bench.arrivals.push({ batch, at: clock.monotonicNow() });
    bench.onBatch(batch, (ack) => void bus.publish(topics.ack(GATEWAY), JSON.stringify(ackMessage.parse(ack)), { qos: 1 }));
  });
};

export const openOutboxBench = async (options: { civil?: string; roundTripMs?: number } = {}): Promise<OutboxBench> => {
  const { civil = '2026-11-24T12:00:00Z', roundTripMs = 0 } = options;
  const clock = createSimulatedClock({ civil: parseInstant(civil) });
  const broker = createInMemoryBroker(silentLogger);
  const parent = await mkdtemp(join(tmpdir(), 'axone-outbox-'));
  const { counted, quiet } = createWatch();
  const logged: string[] = [];
  const note = (event: string): void => void logged.push(event);
  const logger: Logger = { ...silentLogger, info: note, warn: note, error: note };
  let boots = 0;
  let folder = join(parent, 'boot-0');
  let running: { run: Run; bus: MessageBus; inner: DurableLog } | null = null;
  const abandoned: DurableLog[] = [];

  const bench: OutboxBench = {
    clock,
    disk: { refuses: null, appended: 0 },
    arrivals: [],
    logged,
    folder: () => folder,
    onBatch: (batch, acknowledge) => acknowledge(ackOf(batch)),
    link: (isUp) => (isUp ? broker.restore : broker.cut)(`gateway-${boots}`),
    boot: async (limitBytes = 64 * 1024 * 1024) => {
      boots += 1;
      const inner = await createSegmentLog({ folder, logger, segmentBytes: Math.min(65_536, Math.ceil(limitBytes / 32)) });
      const log = watchedLog(inner, bench.disk, counted);
      const plain = broker.createBus({ clientId: `gateway-${boots}` });
      const bus = roundTripMs === 0 ? plain : delayed(plain, clock, roundTripMs);
      const outbox = new Outbox({ gateway: GATEWAY, boot: boots, log, bus, clock, logger, limitBytes });
      await bus.subscribe(topics.ack(GATEWAY), (_topic, payload) =>
        outbox.acknowledge(ackMessage.parse(JSON.parse(new TextDecoder().decode(payload)))),
      );
      await counted(outbox.start(() => undefined));
      void bus.connect().catch(() => undefined);
      const run = { outbox, log, boot: boots };
      running = { run, bus, inner };
      return run;
    },
    kill: async (spoil) => {
      if (running === null) return;
      running.run.outbox.stop();
      broker.cut(`gateway-${boots}`);
      await running.bus.disconnect();
      abandoned.push(running.inner);
      running = null;
      const next = join(parent, `boot-${boots}`);
      snapshot(folder, next);
      folder = next;
      await spoil?.(folder);
    },
    advance: async (elapsedMs, stepMs = 100) => {
      for (let moved = 0; moved < elapsedMs; moved += stepMs) {
        await quiet();
        await clock.advance(stepMs);
      }
      await quiet();
    },
    advanceUntil: async (what, holds, limitMs = 120_000) => {
      for (let moved = 0; !holds(); moved += 50) {
        if (moved > limitMs) throw new Error(`Still not so after ${limitMs} ms: ${what}`);
        await bench.advance(50, 50);
      }
    },
    close: async () => {
      await bench.kill();
      for (const log of abandoned) await log.close();
      await rm(parent, { recursive: true });
    },
  };
  await joinCentre(broker, clock, bench);
  return bench;
};

/** What the disk holds at this moment; a file that is being removed may be there or not. */
const snapshot = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    try {
      copyFileSync(join(from, name), join(to, name));
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    }
  }
};

/** Segment files of an outbox, oldest first. */
export const segmentsIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder))
    .filter((name) => name.startsWith('segment-'))
    .sort()
    .map((name) => join(folder, name));
