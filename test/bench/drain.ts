import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { ackMessage } from '#contract/messages/ack.ts';
import type { Reading, Telemetry } from '#contract/messages/telemetry.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { Outbox } from '#gateway/outbox/outbox.ts';
import { startMosquitto } from '#test/services/start-mosquitto.ts';
import { startTcpProxy } from '#test/services/start-tcp-proxy.ts';
import { type Bench, row } from './bench.ts';

const GATEWAY = gatewayId('gateway-bench');
const ONE_WAY_MS = 50;
/** Ten batches of a hundred values a second. */
const LIVE_EVERY_MS = 100;
const READINGS_A_BATCH = 25;
const OUTAGE_BATCHES = 3000;
/** As long as ingest gathers before a commit. */
const GATHER_MS = 100;

const clock = createSystemClock();
const logger = silentLogger;

const round = (): Telemetry['readings'] =>
  Array.from({ length: READINGS_A_BATCH }, (_, index) => ({
    point: `point-${index}` as Reading['point'],
    at: formatInstant(clock.civilNow()),
    values: { activePowerW: 21.8, activeEnergyWh: 182_400, commandedLevelPercent: 70, effectiveLevelPercent: 70 },
  }));

/** Counts what comes and acknowledges it as ingest does. `liveAgesMs`: of batches that never waited. */
const joinCentre = async (bus: MessageBus) => {
  const came = new Set<number>();
  const liveAgesMs: number[] = [];
  let gathered: number[] = [];
  let boot = 0;
  await bus.subscribe(filters.telemetry, (_topic, payload) => {
    const batch = JSON.parse(new TextDecoder().decode(payload)) as Telemetry;
    came.add(batch.seq);
    boot = batch.boot;
    if (batch.historical !== true) liveAgesMs.push(clock.civilNow() - Date.parse(batch.readings[0]?.at ?? ''));
    if (gathered.push(batch.seq) > 1) return;
    clock.after(GATHER_MS, () => {
      const ranges = gathered.map((seq): [number, number] => [seq, seq]);
      gathered = [];
      void bus.publish(topics.ack(GATEWAY), JSON.stringify({ boot, ranges, refused: [] }), { qos: 1 }).catch(() => {
        // the run is over: its last batches are of no interest
      });
    });
  });
  return { came, liveAgesMs };
};

const measure = async (say: (text: string) => void) => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-bench-drain-'));
  const broker = await startMosquitto({ lines: ['max_inflight_messages 1000', 'max_queued_messages 0'] });
  const cable = await startTcpProxy(broker.port, ONE_WAY_MS);
  const connected = (port: number, clientId: string): MessageBus =>
    createMqttBus({ url: `mqtt://127.0.0.1:${port}`, clientId, clock, logger });
  const centreBus = connected(broker.port, 'centre');
  const bus = connected(cable.port, 'gateway-bench');
  const log = await createSegmentLog({ folder, logger });
  const outbox = new Outbox({ gateway: GATEWAY, boot: 1, log, bus, clock, logger, limitBytes: 256 * 1024 * 1024 });
  try {
    await centreBus.connect();
    const { came, liveAgesMs } = await joinCentre(centreBus);
    await bus.subscribe(topics.ack(GATEWAY), (_topic, payload) =>
      outbox.acknowledge(ackMessage.parse(JSON.parse(new TextDecoder().decode(payload)))),
    );
    await outbox.start(() => undefined);
    say(`${OUTAGE_BATCHES} batches wait`);
    await Promise.all(Array.from({ length: OUTAGE_BATCHES }, () => outbox.append({ readings: round() })));
    await bus.connect();
    const startedAt = performance.now();
    const isDrained = (): boolean => [...came].filter((seq) => seq < OUTAGE_BATCHES).length === OUTAGE_BATCHES;
    while (!isDrained()) {
      await outbox.append({ readings: round() });
      await pause(LIVE_EVERY_MS);
    }
    const tookMs = performance.now() - startedAt;
    return { share: tookMs / (OUTAGE_BATCHES * LIVE_EVERY_MS), liveAgeMs: Math.max(...liveAgesMs) };
  } finally {
    outbox.stop();
    await bus.disconnect();
    await centreBus.disconnect();
    await cable.stop();
    await broker.stop();
    await log.close();
    await rm(folder, { recursive: true });
  }
};

export const bench: Bench = {
  summary:
    'a backlog of 5 minutes at 1,000 values/s drains through Mosquitto over a round trip of 100 ms, live batches beside it',
  async run(say) {
    const runs = [await measure(say), await measure(say), await measure(say)];
    return [
      row(
        'time to drain, of the time it took to grow (20 × faster: 5 %)',
        '%',
        5,
        runs.map(({ share }) => share * 100),
      ),
      row(
        'oldest live batch at the centre meanwhile',
        'ms',
        2000,
        runs.map(({ liveAgeMs }) => liveAgeMs),
      ),
    ];
  },
};
