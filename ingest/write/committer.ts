import { type ErrorCode, Fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { GrainLedger } from '../accept/grain-ledger.ts';
import type { Availability } from './availability.ts';
import type { CheckedBatch } from './batch.ts';

export interface CommitterDependencies {
  readonly store: TimeSeriesStore;
  readonly registry: IngestRegistry;
  readonly ledger: GrainLedger;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storeAvailability: Availability;
  readonly registryAvailability: Availability;
  /** Called with what is durable or refused for ever, after each commit. */
  settled(batches: readonly CheckedBatch[], conflicts: number): Promise<void>;
  /** A batch that the store will never take. */
  refused(batch: CheckedBatch, fault: Fault): void;
}

/** Gathers batches for a moment and makes them durable together. What could not be stored is forgotten: its gateway sends it again. */
export interface Committer {
  add(batch: CheckedBatch): void;
  /** Batches that wait, or are being written. */
  pending(): number;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
  /** Writes what waits, now. */
  flush(): Promise<void>;
}

/** How long the first batch waits for others. Milliseconds. */
const GATHER_MS = 100;
const BATCHES_A_COMMIT = 200;
const PENDING_LIMIT = 1_000;

interface Stored {
  readonly batches: readonly CheckedBatch[];
  readonly conflicts: number;
}

const NOTHING: Stored = { batches: [], conflicts: 0 };

export const createCommitter = (deps: CommitterDependencies): Committer => {
  const { store, registry, ledger, clock, logger, storeAvailability, registryAvailability } = deps;
  let waiting: CheckedBatch[] = [];
  let writing = 0;
  let timer: Timer | null = null;
  let last: Promise<void> = Promise.resolve();

  const refuse = (batch: CheckedBatch, fault: Fault): Stored => {
    ledger.release(batch.claims);
    deps.refused(batch, fault);
    const code: ErrorCode = fault.code;
    return { batches: [{ ...batch, readings: [], events: [], reports: [], refused: code }], conflicts: 0 };
  };

  const merge = (parts: readonly Stored[]): Stored => ({
    batches: parts.flatMap(({ batches }) => batches),
    conflicts: parts.reduce((sum, { conflicts }) => sum + conflicts, 0),
  });

  /** A refusal names one line of many batches: each is tried alone, so that one cannot hold the others. */
  const storeOneByOne = async (batches: readonly CheckedBatch[], redelivered: boolean): Promise<Stored> => {
    const parts: Stored[] = [];
    for (const batch of batches) parts.push(await storeTogether([batch], redelivered));
    return merge(parts);
  };

  const storeTogether = async (batches: readonly CheckedBatch[], redelivered: boolean): Promise<Stored> => {
    const [first] = batches;
    if (first === undefined) return NOTHING;
    try {
      const readings = batches.flatMap((batch) => batch.readings);
      const { conflicts } = readings.length === 0 ? { conflicts: [] } : await store.write(readings, { redelivered });
      storeAvailability.answered();
      return { batches, conflicts: conflicts.length };
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'STORE_REFUSED')
        return batches.length > 1 ? storeOneByOne(batches, true) : refuse(first, thrown);
      storeAvailability.failed(reasonOf(thrown));
      for (const { claims } of batches) ledger.release(claims);
      return NOTHING;
    }
  };

  const journal = async (batches: readonly CheckedBatch[]): Promise<readonly CheckedBatch[]> => {
    const isTalkative = ({ events, reports }: CheckedBatch): boolean => events.length > 0 || reports.length > 0;
    try {
      for (const [gateway, own] of Map.groupBy(batches.filter(isTalkative), (batch) => batch.gateway)) {
        await registry.saveReports(
          gateway,
          own.flatMap(({ reports }) => reports),
        );
        await registry.saveEvents(
          gateway,
          own.flatMap(({ events }) => events),
        );
        registryAvailability.answered();
      }
      return batches;
    } catch (thrown) {
      registryAvailability.failed(reasonOf(thrown));
      return batches.filter((batch) => !isTalkative(batch));
    }
  };

  const commit = async (batches: readonly CheckedBatch[]): Promise<void> => {
    const fresh = await storeTogether(
      batches.filter(({ redelivered }) => !redelivered),
      false,
    );
    const again = await storeTogether(
      batches.filter(({ redelivered }) => redelivered),
      true,
    );
    const stored = merge([fresh, again]);
    await deps.settled(await journal(stored.batches), stored.conflicts);
  };

  const commitWaiting = (): Promise<void> => {
    timer?.cancel();
    timer = null;
    const batches = waiting;
    waiting = [];
    if (batches.length === 0) return last;
    writing += batches.length;
    last = last
      .then(() => commit(batches))
      .catch((thrown: unknown) => logger.error('commit-failed', { reason: reasonOf(thrown) }))
      .finally(() => {
        writing -= batches.length;
      });
    return last;
  };

  return {
    add(batch) {
      waiting.push(batch);
      if (waiting.length >= BATCHES_A_COMMIT) void commitWaiting();
      else timer ??= clock.after(GATHER_MS, () => void commitWaiting());
    },
    pending: () => waiting.length + writing,
    async room() {
      while (waiting.length + writing >= PENDING_LIMIT) await commitWaiting();
    },
    flush: commitWaiting,
  };
};
