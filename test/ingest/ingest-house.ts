import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createInMemoryBroker, type InMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { Ack } from '#contract/messages/ack.ts';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service } from '#contract/ports/lifecycle.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { Privacy, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { filters, parseTopic, topics } from '#contract/topics.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { type GatewayId, type PointId, pointId } from '#domain/identifiers.ts';
import { createIngest } from '#ingest/index.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { until } from '#test/services/until.ts';
import { demoField, demoHousing, republique, tilleuls } from './demo-field.ts';

export const NOW = parseInstant('2026-11-24T21:00:00Z');

export interface IngestHouse {
  readonly clock: SimulatedClock;
  readonly broker: InMemoryBroker;
  readonly gateways: Readonly<Record<'republique' | 'tilleuls', MessageBus>>;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly registry: Awaited<ReturnType<typeof openRegistryFile>>;
  store: TimeSeriesStore;
  ingest: Service;
  readonly acks: (Ack & { readonly gateway: GatewayId })[];
  /** Publishes a payload as it is and moves the clock until ingest has settled it or `until` holds. */
  publish(gateway: GatewayId, payload: string): Promise<void>;
  /** Publishes a batch and resolves with its acknowledgement. */
  send(gateway: GatewayId, batch: Telemetry): Promise<Ack>;
  /** Moves the clock a little, again and again, until the condition holds. */
  whileTimePasses(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  figure(name: string): number;
  values(point: string, quantity: QuantityName, privacy?: Privacy): Promise<readonly (number | null)[]>;
  /** Stops ingest and starts a new one on the same store and registry. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface IngestHouseOptions {
  readonly wrapStore?: (store: TimeSeriesStore) => TimeSeriesStore;
  readonly wrapRegistry?: (registry: IngestRegistry) => IngestRegistry;
}

const busOf = (gateway: GatewayId): 'republique' | 'tilleuls' => (gateway === republique ? 'republique' : 'tilleuls');

/** Ingest between a real registry and a real store in SQLite, with two gateways on the in-memory bus and a clock that tests move. */
export const startIngestHouse = async (options: IngestHouseOptions = {}): Promise<IngestHouse> => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-ingest-'));
  const clock = createSimulatedClock({ civil: NOW });
  const logger = recordingLogger();
  const registry = await openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger });
  await registry.as('control').assets.replaceAssets(demoField, 'a');
  await registry.as('control').housing.replaceHousing(demoHousing, 'a');
  const kept = await createSqliteStore({ file: join(folder, 'series.sqlite'), logger });
  const store = options.wrapStore?.(kept) ?? kept;
  const broker = createInMemoryBroker(logger);

  const startIngest = async (): Promise<Service> => {
    const bus = broker.createBus({ clientId: 'ingest' });
    const rights = registry.as('ingest').ingest;
    const ingest = createIngest({ bus, store, registry: options.wrapRegistry?.(rights) ?? rights, clock, logger });
    await ingest.start();
    return ingest;
  };

  const gateways = { republique: broker.createBus({ clientId: republique }), tilleuls: broker.createBus({ clientId: tilleuls }) };
  const acks: IngestHouse['acks'] = [];
  const observer = broker.createBus({ clientId: 'observer' });
  await observer.subscribe(filters.acks, (topic, payload) => {
    const gateway = parseTopic(topic)?.gateway;
    if (gateway !== undefined) acks.push({ gateway, ...(JSON.parse(new TextDecoder().decode(payload)) as Ack) });
  });
  await Promise.all([gateways.republique.connect(), gateways.tilleuls.connect(), observer.connect()]);

  const whileTimePasses: IngestHouse['whileTimePasses'] = (what, holds) =>
    until(what, async () => {
      await clock.advance(100);
      return await holds();
    });

  const house: IngestHouse = {
    clock,
    broker,
    gateways,
    logger,
    registry,
    store,
    ingest: await startIngest(),
    acks,
    whileTimePasses,
    publish: (gateway, payload) => gateways[busOf(gateway)].publish(topics.telemetry(gateway), payload, { qos: 1 }),
    async send(gateway, batch) {
      const before = acks.length;
      await house.publish(gateway, JSON.stringify(batch));
      const answer = () =>
        acks
          .slice(before)
          .find(
            (ack) =>
              ack.gateway === gateway &&
              ack.boot === batch.boot &&
              (ack.ranges.some(([from, to]) => from <= batch.seq && batch.seq <= to) ||
                ack.refused.some(({ seq }) => seq === batch.seq)),
          );
      await whileTimePasses(`batch ${batch.seq} is answered`, () => answer() !== undefined);
      const ack = answer();
      if (ack === undefined) throw new Error('The acknowledgement is gone');
      return ack;
    },
    figure: (name) => house.ingest.health().figures?.[name] ?? Number.NaN,
    async values(point, quantity, privacy = 'operational') {
      const selection = { point: pointId(point), privacy, quantity, from: instant(0), to: instant(8e12) };
      return (await kept.series(selection, 10_000)).map(({ value }) => value);
    },
    async restart() {
      await house.ingest.stop();
      house.ingest = await startIngest();
    },
    async stop() {
      await house.ingest.stop();
      await kept.close();
      await registry.close();
      await rm(folder, { recursive: true });
    },
  };
  return house;
};

let nextSeq = 0;
/** A batch of a number of its own. */
export const batchOf = (readings: Telemetry['readings'], more: Partial<Telemetry> = {}): Telemetry => {
  nextSeq += 1;
  return { boot: 1, seq: nextSeq, readings, ...more };
};

export const readingOf = (point: string, at: string, values: Telemetry['readings'][number]['values']) => ({
  point: pointId(point) as PointId,
  at,
  values,
});
