import type { PointBinding } from '#contract/ports/ingest-registry.ts';
import type { PointReference, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { mergeCounter, rollUpCounter } from '#domain/energy/counter-rollup.ts';
import type { RegisterTraits } from '#domain/energy/cumulative-register.ts';
import { mergeMeasure, rollUpMeasure } from '#domain/energy/measure-rollup.ts';
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

/** The whole hours of a day that hold an instant span and what its buckets look at around it; the day itself when that is most of it. */
const windowOf = (day: BucketSpan, touched: BucketSpan): BucketSpan => {
  const hours = spansInDay('hour', day).filter((hour) => overlaps(hour, touched, 2 * REACH_MS));
  const [first, last] = [hours[0], hours.at(-1)];
  const isShort = first !== undefined && last !== undefined && last.to - first.from < (day.to - day.from) / 2;
  return isShort ? { from: first.from, to: last.to } : day;
};

const WHOLE = 0.999;

/**
 * The day out of its hours, when that is what its readings would give: always for a measure, for a counter when each hour
 * up to the last one is whole, measured, and nothing happened in it. Else null.
 */
const dayOfHours = (
  quantity: QuantityName,
  day: BucketSpan,
  hours: readonly RollupBucket[],
  now: Instant,
): RollupBucket | null => {
  const spans = spansInDay('hour', day).filter(({ from }) => from < now);
  const kept = new Map(hours.map((hour) => [hour.at, hour]));
  const known = spans.flatMap((span) => {
    const hour = kept.get(span.from);
    return hour === undefined ? [] : [{ ...hour, lengthMs: span.to - span.from }];
  });
  if (known.length < spans.length) return null;
  if (!isCounter(quantity)) return mergeMeasure(day, known);
  const silent = known.findIndex(({ coverage }) => coverage < WHOLE);
  const counting = silent === -1 ? known : known.slice(0, silent + 1);
  const isPlain = ({ quality, flags }: RollupBucket): boolean => quality === 'measured' && flags.every((flag) => flag === 'late');
  const isOpen = silent === -1 || (silent === known.length - 1 && known[silent]?.value !== null);
  return isOpen && counting.slice(0, silent === -1 ? undefined : -1).every(isPlain) ? mergeCounter(day, counting) : null;
};

/** The buckets of ten minutes and of an hour that a day's writes may have changed, and the day itself. `now` ends what can be known. */
export const rollUpDay = async (
  store: RollupReads,
  point: RolledPoint,
  quantity: QuantityName,
  { span, touched, late }: TouchedDay,
  now: Instant,
): Promise<readonly StoredRollup[]> => {
  const stored = (step: RollupStep, own: BucketSpan, bucket: RollupBucket): StoredRollup => {
    const isLate = late.some((hour) => overlaps(own, hour));
    const flags = isLate ? flagsOf(bucket.flags, 'late') : bucket.flags.filter((flag) => flag !== 'late' || step !== 'day');
    return { point: point.point, privacy: point.privacy, quantity, step, bucket: { ...bucket, flags } };
  };
  const make = (samples: readonly Sample[], step: RollupStep, spans: readonly BucketSpan[]): StoredRollup[] =>
    rollUp(point, quantity, samples, spans, step).map((bucket, index) => stored(step, spans[index] ?? span, bucket));

  const window = touched === null ? span : windowOf(span, touched);
  const samples = await samplesAround(store, point, quantity, window);
  const short =
    touched === null
      ? []
      : (['10min', 'hour'] as const).flatMap((step) =>
          make(
            samples,
            step,
            spansInDay(step, span).filter((each) => each.from < now && overlaps(each, touched, REACH_MS)),
          ),
        );
  if (window === span) return [...short, ...make(samples, 'day', [span])];
  const before = await store.rollups({ point: point.point, privacy: point.privacy, quantity, step: 'hour', ...span });
  const made = short.filter(({ step }) => step === 'hour').map(({ bucket }) => bucket);
  const hours = [...new Map([...before, ...made].map((hour) => [hour.at, hour])).values()];
  const day = dayOfHours(quantity, span, hours, now);
  if (day !== null) return [...short, stored('day', span, day)];
  return [...short, ...make(await samplesAround(store, point, quantity, span), 'day', [span])];
};
