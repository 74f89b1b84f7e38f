import type { RollupSum, StoredRollup } from '#contract/ports/time-series-store.ts';
import { QUALITIES } from '#contract/quantities.ts';
import { instant } from '#domain/civil-time.ts';
import { ROLLUP_FLAGS, type RollupBucket, type RollupFlag } from '#domain/energy/rollup.ts';
import { BUCKET_FIELDS, type BucketNumbers } from './rollup-content.ts';

const QUALITY_BITS = 2;
const QUALITY_MASK = 3;

const flagBits = (flags: readonly RollupFlag[]): number =>
  flags.reduce((bits, flag) => bits | (1 << ROLLUP_FLAGS.indexOf(flag)), 0);
const flagsIn = (bits: number): readonly RollupFlag[] => ROLLUP_FLAGS.filter((_, index) => (bits & (1 << index)) !== 0);

export const packRollups = (
  rollups: readonly StoredRollup[],
  pointOf: (rollup: StoredRollup) => number,
  quantityOf: (rollup: StoredRollup) => number,
): BucketNumbers => {
  const buckets = new Float64Array(rollups.length * BUCKET_FIELDS);
  for (const [index, rollup] of rollups.entries()) {
    const { at, value, min, max, coverage, quality, flags } = rollup.bucket;
    const worth = QUALITIES.indexOf(quality) | (flagBits(flags) << QUALITY_BITS);
    const numbers = [pointOf(rollup), quantityOf(rollup), at, value, min, max, coverage, worth];
    buckets.set(
      numbers.map((number) => number ?? Number.NaN),
      index * BUCKET_FIELDS,
    );
  }
  return buckets;
};

const orNull = (value = Number.NaN): number | null => (Number.isNaN(value) ? null : value);

const worthIn = (worth: number) => ({
  quality: QUALITIES[worth & QUALITY_MASK] ?? 'doubtful',
  flags: flagsIn(worth >> QUALITY_BITS),
});

const indexesOf = (buckets: BucketNumbers): number[] =>
  Array.from({ length: buckets.length / BUCKET_FIELDS }, (_, index) => index * BUCKET_FIELDS);

export const unpackBuckets = (buckets: BucketNumbers): RollupBucket[] =>
  indexesOf(buckets).map((index) => ({
    at: instant(buckets[index + 2] ?? 0),
    value: orNull(buckets[index + 3]),
    min: orNull(buckets[index + 4]),
    max: orNull(buckets[index + 5]),
    coverage: buckets[index + 6] ?? 0,
    ...worthIn(buckets[index + 7] ?? 0),
  }));

export const unpackSums = (buckets: BucketNumbers): RollupSum[] =>
  indexesOf(buckets).map((index) => ({
    points: buckets[index] ?? 0,
    at: instant(buckets[index + 2] ?? 0),
    sum: buckets[index + 3] ?? 0,
    coverage: buckets[index + 6] ?? 0,
    ...worthIn(buckets[index + 7] ?? 0),
  }));
