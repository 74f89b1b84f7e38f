import { fault } from '#contract/errors.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { Quality } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { daySpan, monthSpan, type RollupBucket, type RollupFlag, type RollupStep } from '#domain/energy/rollup.ts';
import type { Period, SeriesChoice } from './series-selection.ts';

/** One line of an answer: a reading, or a bucket with its coverage and flags. */
export interface SeriesLine {
  readonly at: Instant;
  readonly value: number | null;
  readonly quality: Quality;
  readonly coverage?: number;
  readonly flags?: readonly RollupFlag[];
}

const LENGTH_MS: Readonly<Record<RollupStep, number>> = {
  '10min': 600_000,
  hour: 3_600_000,
  day: 86_400_000,
  month: 28 * 86_400_000,
};

/** Refuses before it reads: buckets are counted by their length. Throws `SELECTION_TOO_LARGE`. */
export const refuseTooMany = ({ step, from, to }: SeriesChoice, limit: number): void => {
  if (step === 'reading') return;
  const found = Math.ceil((to - from) / LENGTH_MS[step]);
  if (found > limit) throw fault('SELECTION_TOO_LARGE', { found, limit });
};

const endOf = ({ at }: RollupBucket, { step, zone }: SeriesChoice): number => {
  switch (step) {
    case 'day':
      return daySpan(at, zone).to;
    case 'month':
      return monthSpan(at, zone).to;
    case 'reading':
      return at;
    case '10min':
    case 'hour':
      return at + LENGTH_MS[step];
  }
};

const lineOf = (bucket: RollupBucket, { aggregate }: SeriesChoice): SeriesLine => {
  const { at, value, min, max, coverage, quality, flags } = bucket;
  const content = aggregate === 'min' ? min : aggregate === 'max' ? max : value;
  return { at, value: content, quality, coverage, flags };
};

/** At most `limit` readings of a part of the period, or all its buckets. */
export const readLines = async (
  store: TimeSeriesStore,
  choice: SeriesChoice,
  { from, to }: Period,
  limit: number,
): Promise<readonly SeriesLine[]> => {
  const selection = { ...choice.reference, quantity: choice.quantity, from, to };
  if (to <= from) return [];
  if (choice.step === 'reading') return store.series(selection, limit);
  const buckets = await store.rollups({ ...selection, step: choice.step });
  return buckets.filter((bucket) => endOf(bucket, choice) <= choice.lastEnd).map((bucket) => lineOf(bucket, choice));
};

const PAGE = 20_000;
/** Buckets are asked by parts of so many. */
const PART = 5_000;

/** All lines of the period, a page at a time. Throws `SELECTION_TOO_LARGE` beyond the limit. */
export async function* walkLines(store: TimeSeriesStore, choice: SeriesChoice, limit: number): AsyncGenerator<SeriesLine, void> {
  let given = 0;
  let from = choice.from;
  while (from < choice.to) {
    const { step } = choice;
    const to = step === 'reading' ? choice.to : instant(Math.min(choice.to, from + PART * LENGTH_MS[step]));
    const lines = await readLines(store, choice, { from, to }, PAGE);
    given += lines.length;
    if (given > limit) throw fault('SELECTION_TOO_LARGE', { found: `more than ${limit}`, limit });
    yield* lines;
    const last = lines.at(-1);
    if (step !== 'reading') from = to;
    else if (last === undefined || lines.length < PAGE) return;
    else from = instant(last.at + 1);
  }
}
