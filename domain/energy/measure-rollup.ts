import {
  type BucketSpan,
  emptyBucket,
  flagsOf,
  type RollupBucket,
  type Sample,
  type SampleQuality,
  worseQuality,
} from './rollup.ts';

/** A value stands until the next one, and no longer than one and a half times the usual time between two: what nine in ten do not exceed. */
const USUAL_TIMES = 1.5;
const USUAL_SHARE = 0.9;
const LONGEST_HOLD_MS = 2 * 3_600_000;
/** Of the time covered: the last reading of a bucket may come a hair early. */
const WHOLE = 0.999;

const usualGapMs = (samples: readonly Sample[]): number => {
  const gaps = samples.slice(1).map(({ at }, index) => at - (samples[index]?.at ?? at));
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length * USUAL_SHARE)] ?? LONGEST_HOLD_MS;
};

interface Held {
  readonly value: number;
  readonly quality: SampleQuality;
  readonly from: number;
  readonly to: number;
}

const heldValues = (samples: readonly Sample[]): Held[] => {
  const longest = Math.min(LONGEST_HOLD_MS, usualGapMs(samples) * USUAL_TIMES);
  return samples.flatMap(({ at, value, quality }, index) => {
    const until = Math.min(samples[index + 1]?.at ?? Number.POSITIVE_INFINITY, at + longest);
    return value === null ? [] : [{ value, quality, from: at, to: until }];
  });
};

const bucketOf = (held: readonly Held[], { from, to }: BucketSpan): RollupBucket => {
  let [covered, area, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let quality: SampleQuality = 'measured';
  for (const { value, quality: worth, from: start, to: end } of held) {
    const lasts = Math.min(to, end) - Math.max(from, start);
    if (lasts <= 0) continue;
    covered += lasts;
    area += value * lasts;
    min = Math.min(min, value);
    max = Math.max(max, value);
    quality = worseQuality(quality, worth);
  }
  if (covered === 0) return emptyBucket(from);
  const coverage = covered / (to - from);
  const flags = flagsOf(coverage < WHOLE ? 'gap' : null, quality === 'doubtful' ? 'implausible' : null);
  return { at: from, value: area / covered, min, max, coverage, quality, flags };
};

/**
 * Means over time of a measure or a state, by bucket. `samples` ascend, and should begin a little before the first bucket:
 * a value read just before it stands into it. Spans ascend and follow one another.
 */
export const rollUpMeasure = (samples: readonly Sample[], spans: readonly BucketSpan[]): readonly RollupBucket[] => {
  const held = heldValues(samples);
  let first = 0;
  return spans.map((span) => {
    while (first < held.length && (held[first]?.to ?? 0) <= span.from) first += 1;
    let last = first;
    while (last < held.length && (held[last]?.from ?? 0) < span.to) last += 1;
    return bucketOf(held.slice(first, last), span);
  });
};

/** A longer bucket out of the shorter ones that fill it: means weighted by the time each covers. */
export const mergeMeasure = (
  span: BucketSpan,
  parts: readonly (RollupBucket & { readonly lengthMs: number })[],
): RollupBucket => {
  const known = parts.filter(({ value }) => value !== null);
  const coveredMs = known.reduce((sum, { coverage, lengthMs }) => sum + coverage * lengthMs, 0);
  if (coveredMs === 0) return emptyBucket(span.from);
  const area = known.reduce((sum, { value, coverage, lengthMs }) => sum + (value ?? 0) * coverage * lengthMs, 0);
  const coverage = Math.min(1, coveredMs / (span.to - span.from));
  return {
    at: span.from,
    value: area / coveredMs,
    min: Math.min(...known.map(({ min }) => min ?? Number.POSITIVE_INFINITY)),
    max: Math.max(...known.map(({ max }) => max ?? Number.NEGATIVE_INFINITY)),
    coverage,
    quality: known.map(({ quality }) => quality).reduce(worseQuality),
    flags: flagsOf(coverage < WHOLE ? 'gap' : null, ...known.map(({ flags }) => flags.filter((flag) => flag !== 'gap'))),
  };
};
