import { instant } from '../civil-time.ts';
import { wattHours } from '../units.ts';
import { type RegisterEvent, type RegisterTraits, registerStep } from './cumulative-register.ts';
import {
  type BucketSpan,
  emptyBucket,
  flagsOf,
  type RollupBucket,
  type RollupStep,
  type Sample,
  type SampleQuality,
  worseQuality,
} from './rollup.ts';

/** Two readings further apart than this say nothing of what happened between them, for buckets of each length. */
const LONGEST_GAP_MS: Readonly<Record<RollupStep, number>> = {
  '10min': 15 * 60_000,
  hour: 90 * 60_000,
  day: 7 * 86_400_000,
  month: 62 * 86_400_000,
};
/** An end of a bucket that lies between two readings no further apart than this is read, not interpolated. */
const CLOSE_MS: Readonly<Record<RollupStep, number>> = {
  '10min': 2 * 60_000,
  hour: 12 * 60_000,
  day: 30 * 60_000,
  month: 30 * 60_000,
};
const WHOLE = 0.999;

/** What a register counted between two readings that follow one another. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly counted: number;
  readonly quality: SampleQuality;
  readonly event: RegisterEvent | null;
}

const stretchesOf = (samples: readonly Sample[], traits: RegisterTraits): Stretch[] => {
  const readings = samples.flatMap(({ at, value, quality }) =>
    value === null ? [] : [{ at, registerWh: wattHours(value), sure: quality === 'measured', quality }],
  );
  return readings.slice(1).flatMap((later, index) => {
    const earlier = readings[index];
    if (earlier === undefined) return [];
    const { energyWh, event } = registerStep(earlier, later, traits);
    const quality = worseQuality(earlier.quality, later.quality);
    // a rollover loses nothing; the other events may have
    const worth = event === null || event === 'rollover' ? quality : worseQuality(quality, 'estimated');
    return [{ from: earlier.at, to: later.at, counted: energyWh, quality: worth, event }];
  });
};

const bucketOf = (stretches: readonly Stretch[], { from, to }: BucketSpan, step: RollupStep): RollupBucket => {
  let [covered, counted] = [0, 0];
  let quality: SampleQuality = 'measured';
  const events: RegisterEvent[] = [];
  for (const stretch of stretches) {
    const length = stretch.to - stretch.from;
    const inside = Math.min(to, stretch.to) - Math.max(from, stretch.from);
    if (inside <= 0) continue;
    if (stretch.event !== null) events.push(stretch.event);
    if (length > LONGEST_GAP_MS[step]) continue;
    covered += inside;
    counted += (stretch.counted * inside) / length;
    const isCut = inside < length && length > CLOSE_MS[step];
    quality = worseQuality(worseQuality(quality, stretch.quality), isCut ? 'estimated' : 'measured');
  }
  if (covered === 0) return { ...emptyBucket(from), flags: flagsOf('gap', events) };
  const coverage = covered / (to - from);
  const flags = flagsOf(coverage < WHOLE ? 'gap' : null, quality === 'doubtful' ? 'implausible' : null, events);
  const worth = coverage < WHOLE ? worseQuality(quality, 'estimated') : quality;
  return { at: from, value: counted, min: null, max: null, coverage, quality: worth, flags };
};

/**
 * What a counter counted, by bucket, out of its register alone. `samples` ascend and should reach one reading beyond both
 * ends. Buckets that follow one another add up to the whole, exactly: a stretch between two readings is shared by time.
 */
export const rollUpCounter = (
  samples: readonly Sample[],
  spans: readonly BucketSpan[],
  step: RollupStep,
  traits: RegisterTraits,
): readonly RollupBucket[] => {
  const stretches = stretchesOf(samples, traits);
  let first = 0;
  return spans.map((span) => {
    while (first < stretches.length && (stretches[first]?.to ?? 0) <= span.from) first += 1;
    let last = first;
    while (last < stretches.length && (stretches[last]?.from ?? 0) < span.to) last += 1;
    return bucketOf(stretches.slice(first, last), span, step);
  });
};

/** How long before and after a civil day its register may have been read last: what `rollUpCounter` should be given. */
export const counterReach = (day: BucketSpan): BucketSpan => ({
  from: instant(day.from - LONGEST_GAP_MS.day),
  to: instant(day.to + LONGEST_GAP_MS.day),
});

/** A longer bucket out of the days that fill it. */
export const mergeCounter = (span: BucketSpan, days: readonly (RollupBucket & { readonly lengthMs: number })[]): RollupBucket => {
  const known = days.filter(({ value }) => value !== null);
  const coveredMs = known.reduce((sum, { coverage, lengthMs }) => sum + coverage * lengthMs, 0);
  if (coveredMs === 0) return { ...emptyBucket(span.from), flags: flagsOf('gap', ...days.map(({ flags }) => flags)) };
  const coverage = Math.min(1, coveredMs / (span.to - span.from));
  const quality = known.map((day) => day.quality).reduce(worseQuality);
  return {
    at: span.from,
    value: known.reduce((sum, { value }) => sum + (value ?? 0), 0),
    min: null,
    max: null,
    coverage,
    quality: coverage < WHOLE ? worseQuality(quality, 'estimated') : quality,
    flags: flagsOf(coverage < WHOLE ? 'gap' : null, ...days.map(({ flags }) => flags.filter((flag) => flag !== 'gap'))),
  };
};
