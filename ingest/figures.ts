import type { Clock } from '#contract/ports/clock.ts';
import type { CheckedBatch } from './write/batch.ts';

/** Counters of ingest since its start, for its health. */
export type FigureName =
  | 'batches'
  | 'readings'
  | 'conflicts'
  | 'refusedBatches'
  | 'refusedReadings'
  | 'lostReadings'
  | 'droppedMessages'
  | 'acksLost';

export interface Figures {
  add(name: FigureName, count: number): void;
  committed(batches: readonly CheckedBatch[], conflicts: number): void;
  /** With `lagMs`: civil milliseconds between the newest live reading and its commit. */
  values(): Readonly<Record<string, number>>;
}

export const createFigures = (clock: Clock): Figures => {
  const counts: Record<FigureName, number> = {
    batches: 0,
    readings: 0,
    conflicts: 0,
    refusedBatches: 0,
    refusedReadings: 0,
    lostReadings: 0,
    droppedMessages: 0,
    acksLost: 0,
  };
  let lagMs = 0;
  const add = (name: FigureName, count: number): void => {
    counts[name] += count;
  };

  return {
    add,
    committed(batches, conflicts) {
      const kept = batches.filter(({ refused }) => refused === null);
      add('batches', kept.length);
      add('refusedBatches', batches.length - kept.length);
      add('conflicts', conflicts);
      add(
        'readings',
        kept.reduce((sum, { readings }) => sum + readings.length, 0),
      );
      const live = kept.filter(({ redelivered }) => !redelivered).flatMap(({ readings }) => readings.map(({ at }) => at));
      const newest = live.reduce<number | null>((latest, at) => (latest === null || at > latest ? at : latest), null);
      if (newest !== null) lagMs = clock.civilNow() - newest;
    },
    values: () => ({ ...counts, lagMs }),
  };
};
