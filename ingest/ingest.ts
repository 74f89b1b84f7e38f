import { fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { filters, parseTopic, topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { type BatchCheckDependencies, checkBatch, isOutage, type TelemetryMessage } from './accept/check-batch.ts';
import { createGrainLedger } from './accept/grain-ledger.ts';
import { createInbox } from './accept/inbox.ts';
import { createOwnership } from './accept/ownership.ts';
import { createFigures } from './figures.ts';
import { excerptOf } from './quarantine/excerpt.ts';
import { createQuarantine } from './quarantine/quarantine.ts';
import { acknowledge } from './write/acknowledge.ts';
import { createAvailability } from './write/availability.ts';
import type { CheckedBatch } from './write/batch.ts';
import { createCommitter } from './write/committer.ts';
import { createRedeliveryMemory } from './write/redelivery-memory.ts';

export interface IngestDependencies {
  /** Connected by ingest, as the client `ingest`; with a session that is kept, nothing is lost at the broker meanwhile. */
  readonly bus: MessageBus;
  readonly store: TimeSeriesStore;
  readonly registry: IngestRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often an outage is looked at when no message does it. Elapsed milliseconds. */
const OUTAGE_CHECK_MS = 5_000;

/**
 * The central side of the measurements: validates each batch, refuses with a reason, writes idempotently, and tells the
 * gateway what is durable. A batch that could not be stored is not acknowledged, so its gateway sends it again.
 */
export const createIngest = ({ bus, store, registry, clock, logger }: IngestDependencies): Service => {
  const figures = createFigures(clock);
  const quarantine = createQuarantine({ registry, clock, logger });
  const ledger = createGrainLedger(store);
  const ownership = createOwnership(registry);
  const storeAvailability = createAvailability('store', logger);
  const registryAvailability = createAvailability('registry', logger);
  const checks: BatchCheckDependencies = { ownership, ledger, clock, quarantine, memory: createRedeliveryMemory() };
  let state: 'starting' | 'running' | 'stopped' = 'starting';
  let outageCheck: Timer | null = null;

  const settled = async (batches: readonly CheckedBatch[], conflicts: number): Promise<void> => {
    figures.committed(batches, conflicts);
    for (const { gateway, ack } of acknowledge(batches)) {
      try {
        await bus.publish(topics.ack(gateway), JSON.stringify({ ...ack, at: formatInstant(clock.civilNow()) }), { qos: 1 });
      } catch {
        // the gateway sends these batches again, and is then answered again
        figures.add('acksLost', 1);
      }
    }
  };

  const committer = createCommitter({
    store,
    registry,
    ledger,
    clock,
    logger,
    storeAvailability,
    registryAvailability,
    settled,
    refused({ gateway, boot, seq }, reason) {
      const excerpt = JSON.stringify({ boot, seq });
      quarantine.keep({ topic: topics.telemetry(gateway), fault: reason, why: reason.what, excerpt });
    },
  });

  const accept = async (message: TelemetryMessage): Promise<void> => {
    const { batch, refusedReadings, gap } = await checkBatch(checks, message);
    figures.add('refusedReadings', refusedReadings);
    if (gap !== undefined) {
      figures.add('lostReadings', gap.lostReadings);
      logger.warn('gap-was-declared', { gateway: message.gateway, ...gap });
    }
    if (batch !== null) committer.add(batch);
  };

  const handle = async (message: TelemetryMessage): Promise<void> => {
    await committer.room();
    try {
      await ownership.refresh();
      await accept(message);
      registryAvailability.answered();
    } catch (thrown) {
      figures.add('droppedMessages', 1);
      if (!isOutage(thrown)) logger.error('message-check-failed', { topic: message.topic, reason: reasonOf(thrown) });
      else (thrown.code === 'STORE_UNAVAILABLE' ? storeAvailability : registryAvailability).failed(reasonOf(thrown));
    }
  };

  const inbox = createInbox(handle);

  const receive = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'telemetry') {
      const reason = fault('TOPIC_UNKNOWN', { topic });
      quarantine.keep({ topic: topic.slice(0, 200), fault: reason, why: reason.what, excerpt: excerptOf(payload, false) });
      return;
    }
    if (!inbox.put({ gateway: parsed.gateway, topic, payload })) figures.add('droppedMessages', 1);
  };

  const probe = async (): Promise<void> => {
    if (storeAvailability.why !== null || state === 'starting')
      await store.ping().then(storeAvailability.answered, (thrown: unknown) => storeAvailability.failed(reasonOf(thrown)));
    if (registryAvailability.why !== null)
      await registry
        .assetsRevision()
        .then(registryAvailability.answered, (thrown: unknown) => registryAvailability.failed(reasonOf(thrown)));
  };

  const watchOutages = (): void => {
    if (state === 'stopped') return;
    outageCheck = clock.after(OUTAGE_CHECK_MS, () => void probe().finally(watchOutages));
  };

  const why = (): string | null => {
    if (bus.state() === 'disconnected') return 'the message bus is disconnected';
    if (storeAvailability.why !== null) return `the store does not answer: ${storeAvailability.why}`;
    return registryAvailability.why === null ? null : `the registry does not answer: ${registryAvailability.why}`;
  };

  const health = (): ServiceHealth => {
    const values = { ...figures.values(), quarantined: quarantine.count(), pending: committer.pending(), waiting: inbox.size() };
    if (state !== 'running') return { state, figures: values };
    const reason = why();
    return reason === null ? { state: 'ready', figures: values } : { state: 'degraded', why: reason, figures: values };
  };

  return {
    name: 'ingest',
    async start() {
      await probe();
      await bus.subscribe(filters.telemetry, receive);
      await bus.connect();
      state = 'running';
      watchOutages();
      logger.info('ingest-started');
    },
    async stop() {
      if (state === 'stopped') return;
      state = 'stopped';
      outageCheck?.cancel();
      await inbox.empty();
      await committer.flush();
      await quarantine.settled();
      await bus.disconnect();
      logger.info('ingest-stopped');
    },
    health,
  };
};
