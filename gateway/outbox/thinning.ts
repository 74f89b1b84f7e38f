import { GAP_KEEPS, type Gap, type Reading, type Telemetry } from '#contract/messages/telemetry.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { BatchContent } from './batch-record.ts';

/** How much is left of a batch: everything, then less and less. */
export const KEEPS = ['all', ...GAP_KEEPS] as const;
export type Keeps = (typeof KEEPS)[number];

export const keepsLess = (a: Keeps, b: Keeps): boolean => KEEPS.indexOf(a) > KEEPS.indexOf(b);

export interface ThinnedBatch {
  readonly boot: number;
  readonly seq: number;
  readonly content: BatchContent;
  readonly gap: Gap;
}

const SLOT_MS: Partial<Record<Keeps, number>> = { 'counters-15min': 900_000, 'counters-1h': 3_600_000 };
/** Below what the contract allows in one message. */
const READINGS_TOGETHER = 2000;
const EVENTS_TOGETHER = 1000;

const countersOf = ({ point, at, values, quality = {} }: Reading): Reading | null => {
  const kept = Object.entries(values).filter(
    ([name, value]) => QUANTITIES[name as QuantityName].kind === 'counter' && value !== null,
  );
  if (kept.length === 0) return null;
  const worth = Object.entries(quality).filter(([name]) => kept.some(([quantity]) => quantity === name));
  return {
    point,
    at,
    values: Object.fromEntries(kept),
    ...(worth.length === 0 ? {} : { quality: Object.fromEntries(worth) }),
  };
};

/** Which readings stay: the first with a counter of each point in each slot. */
export class Thinning {
  readonly keeps: Exclude<Keeps, 'all'>;
  readonly #lastSlot = new Map<string, number>();

  constructor(keeps: Exclude<Keeps, 'all'>) {
    this.keeps = keeps;
  }

  /** Makes few batches of many that follow each other within one boot; each says which numbers it replaces. */
  thin(batches: readonly Telemetry[]): readonly ThinnedBatch[] {
    const thinned: ThinnedBatch[] = [];
    for (const batch of batches) {
      const next = this.#thinOne(batch);
      const last = thinned.at(-1);
      const joined = last === undefined ? null : join(last, next);
      if (joined !== null) thinned[thinned.length - 1] = joined;
      else thinned.push(next);
    }
    return thinned;
  }

  #thinOne({ boot, seq, readings, events = [], reports = [], gap }: Telemetry): ThinnedBatch {
    const kept = readings.flatMap((reading) => this.#kept(reading) ?? []);
    const givesUpEvents = this.keeps === 'nothing';
    const lostEvents = (gap?.lostEvents ?? 0) + (givesUpEvents ? events.length + reports.length : 0);
    return {
      boot,
      seq,
      content: { readings: kept, events: givesUpEvents ? [] : events, reports: givesUpEvents ? [] : reports },
      gap: {
        from: gap?.from ?? seq,
        to: seq,
        lostReadings: (gap?.lostReadings ?? 0) + readings.length - kept.length,
        ...(lostEvents === 0 ? {} : { lostEvents }),
        code: gap?.code ?? 'DURABLE_LOG_FULL',
        kept: this.keeps,
      },
    };
  }

  #kept(reading: Reading): Reading | null {
    const slotMs = SLOT_MS[this.keeps];
    if (slotMs === undefined) return null;
    const slot = Math.floor(parseInstant(reading.at) / slotMs);
    if (this.#lastSlot.get(reading.point) === slot) return null;
    const counters = countersOf(reading);
    if (counters !== null) this.#lastSlot.set(reading.point, slot);
    return counters;
  }
}

/** Null when they are too large for one message, or were lost for different reasons. */
const join = (a: ThinnedBatch, b: ThinnedBatch): ThinnedBatch | null => {
  const readings = [...a.content.readings, ...b.content.readings];
  const events = [...(a.content.events ?? []), ...(b.content.events ?? [])];
  const reports = [...(a.content.reports ?? []), ...(b.content.reports ?? [])];
  const fits = readings.length <= READINGS_TOGETHER && events.length <= EVENTS_TOGETHER && reports.length <= EVENTS_TOGETHER;
  if (!fits || a.gap.code !== b.gap.code) return null;
  const lostEvents = (a.gap.lostEvents ?? 0) + (b.gap.lostEvents ?? 0);
  return {
    boot: b.boot,
    seq: b.seq,
    content: { readings, events, reports },
    gap: {
      ...b.gap,
      from: a.gap.from,
      lostReadings: a.gap.lostReadings + b.gap.lostReadings,
      ...(lostEvents === 0 ? {} : { lostEvents }),
    },
  };
};
