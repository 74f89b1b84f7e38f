import type { PointBinding } from '#contract/ports/ingest-registry.ts';
import type { PointReference, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { rollUpCounter } from '#domain/energy/counter-rollup.ts';
import type { RegisterTraits } from '#domain/energy/cumulative-register.ts';
import { rollUpMeasure } from '#domain/energy/measure-rollup.ts';
import { type BucketSpan, flagsOf, type RollupBucket, type RollupStep, type Sample, spansInDay } from '#domain/energy/rollup.ts';
import { watts } from '#domain/units.ts';

export type RollupReads = Pick<TimeSeriesStore, 'series' | 'lastAtOrBefore' | 'firstAtOrAfter' | 'rollups'>;

/** A point whose rollups are made, with where and since when it is measured. */
export interface RolledPoint extends PointReference {
  readonly bindings: readonly PointBinding[];
}

/** Two readings a second, for a civil day of 25 hours. */
const READINGS_A_DAY = 180_000;
/** The most a register may count in an hour, in its unit: more is a jump. 36 kVA is the largest home, 1 MW the largest cabinet or common part. */
const MOST_AN_HOUR: Partial<Record<QuantityName, number>> = {
  heatEnergyWh: 2_000_000,
  operatingHoursH: 1,
  switchOnCount: 3_600,
  passages: 36_000,
  waterVolumeM3: 100,
};
const LARGEST_HOME_W = 36_000;
const LARGEST_INSTALLATION_W = 1_000_000;

export const isCounter = (quantity: QuantityName): boolean => QUANTITIES[quantity].kind === 'counter';

export const traitsOf = ({ privacy, bindings }: RolledPoint, quantity: QuantityName): RegisterTraits => ({
  maximumWh: null,
  largestPowerW: watts(MOST_AN_HOUR[quantity] ?? (privacy === 'dwelling' ? LARGEST_HOME_W : LARGEST_INSTALLATION_W)),
  replacedAt: bindings
    .map(({ from }) => from)
    .sort((a, b) => a - b)
    .slice(1),
});

/** What was read in a period, with one reading on each side of it. */
export const samplesAround = async (
  store: RollupReads,
  point: RolledPoint,
  quantity: QuantityName,
  { from, to }: BucketSpan,
): Promise<readonly Sample[]> => {
  const [before, inside, after] = await Promise.all([
    store.lastAtOrBefore(point, quantity, instant(from - 1)),
    store.series({ point: point.point, privacy: point.privacy, quantity, from, to }, READINGS_A_DAY),
    isCounter(quantity) ? store.firstAtOrAfter(point, quantity, to) : null,
  ]);
  return [...(before === null ? [] : [before]), ...inside, ...(after === null ? [] : [after])];
};

export const rollUp = (
  point: RolledPoint,
  quantity: QuantityName,
  samples: readonly Sample[],
  spans: readonly BucketSpan[],
  step: RollupStep,
): readonly RollupBucket[] =>
  isCounter(quantity) ? rollUpCounter(samples, spans, step, traitsOf(point, quantity)) : rollUpMeasure(samples, spans);

/** A civil day to be made again, and which instants in it were written to. Null: only its register's ends moved. */
export interface TouchedDay {
  readonly span: BucketSpan;
  readonly touched: BucketSpan | null;
  /** Hours written long after their end. */
  readonly late: readonly BucketSpan[];
}

/** A reading may change the buckets that it is not in, as far as a counter's shortest buckets look. */
const REACH_MS = 90 * 60_000;

const overlaps = (bucket: BucketSpan, { from, to }: BucketSpan, reachMs = 0): boolean =>
  bucket.to > from - reachMs && bucket.from < to + reachMs;

/** The buckets of ten minutes and of an hour that a day's writes may have changed, and the day itself. `now` ends what can be known. */
export const rollUpDay = async (
  store: RollupReads,
  point: RolledPoint,
  quantity: QuantityName,
  { span, touched, late }: TouchedDay,
  now: Instant,
): Promise<readonly StoredRollup[]> => {
  const samples = await samplesAround(store, point, quantity, span);
  const rollups: StoredRollup[] = [];
  const make = (step: RollupStep, spans: readonly BucketSpan[]): void => {
    for (const [index, bucket] of rollUp(point, quantity, samples, spans, step).entries()) {
      const own = spans[index] ?? span;
      const isLate = late.some((hour) => overlaps(own, hour));
      const flags = isLate ? flagsOf(bucket.flags, 'late') : bucket.flags;
      rollups.push({ point: point.point, privacy: point.privacy, quantity, step, bucket: { ...bucket, flags } });
    }
  };
  if (touched !== null)
    for (const step of ['10min', 'hour'] as const)
      make(
        step,
        spansInDay(step, span).filter((each) => each.from < now && overlaps(each, touched, REACH_MS)),
      );
  make('day', [span]);
  return rollups;
};
