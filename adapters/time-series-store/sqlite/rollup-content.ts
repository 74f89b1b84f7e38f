/** Numbers of one bucket, in this order, in the long piece that a batch or an answer is: NaN is no value. */
export const BUCKET_FIELDS = 8;
/** point, quantity, at, value, min, max, coverage, quality | flags << 2 */
export type BucketNumbers = Float64Array<ArrayBuffer>;

/** One bucket in a block: value, min and max as doubles, then minutes from the block's start, ten-thousandths covered, quality and flags. */
const RECORD_BYTES = 32;
const COVERED = 10_000;
const MINUTE_MS = 60_000;
const QUALITY_BITS = 2;
const QUALITY_MASK = 3;

export interface BucketRecord {
  readonly at: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly coverage: number;
  readonly worth: number;
}

const recordAt = (content: Buffer, offset: number, start: number): BucketRecord => ({
  value: content.readDoubleLE(offset),
  min: content.readDoubleLE(offset + 8),
  max: content.readDoubleLE(offset + 16),
  at: start + content.readUInt32LE(offset + 24) * MINUTE_MS,
  coverage: content.readUInt16LE(offset + 28) / COVERED,
  worth: content.readUInt16LE(offset + 30),
});

export const recordsOf = (content: Buffer, start: number): BucketRecord[] =>
  Array.from({ length: content.length / RECORD_BYTES }, (_, index) => recordAt(content, index * RECORD_BYTES, start));

/** Of a coverage that is not nothing, something stays. */
export const contentOf = (records: readonly BucketRecord[], start: number): Buffer => {
  const content = Buffer.alloc(records.length * RECORD_BYTES);
  for (const [index, { value, min, max, at, coverage, worth }] of records.entries()) {
    const offset = index * RECORD_BYTES;
    content.writeDoubleLE(value, offset);
    content.writeDoubleLE(min, offset + 8);
    content.writeDoubleLE(max, offset + 16);
    content.writeUInt32LE((at - start) / MINUTE_MS, offset + 24);
    content.writeUInt16LE(Math.min(COVERED, Math.ceil(coverage * COVERED)), offset + 28);
    content.writeUInt16LE(worth, offset + 30);
  }
  return content;
};

export const packRecords = (point: number, quantity: number, records: readonly BucketRecord[]): BucketNumbers => {
  const buckets = new Float64Array(records.length * BUCKET_FIELDS);
  for (const [index, { at, value, min, max, coverage, worth }] of records.entries())
    buckets.set([point, quantity, at, value, min, max, coverage, worth], index * BUCKET_FIELDS);
  return buckets;
};

interface BucketSum {
  readonly at: number;
  sum: number;
  points: number;
  coverage: number;
  quality: number;
  flags: number;
}

/** Sums by start of bucket, of the blocks that are given one after the other. */
export interface BucketSums {
  add(content: Buffer, start: number, from: number, to: number): void;
  packed(quantity: number): BucketNumbers;
}

/** What a block says is read in place: a year of a thousand points is 365,000 buckets. */
export const createBucketSums = (): BucketSums => {
  const sums = new Map<number, BucketSum>();

  const addOne = (at: number, value: number, coverage: number, worth: number): void => {
    const [quality, flags] = [worth & QUALITY_MASK, worth >> QUALITY_BITS];
    const known = sums.get(at);
    if (known === undefined) {
      sums.set(at, { at, sum: value, points: 1, coverage, quality, flags });
      return;
    }
    known.sum += value;
    known.points += 1;
    if (coverage < known.coverage) known.coverage = coverage;
    if (quality > known.quality) known.quality = quality;
    known.flags |= flags;
  };

  return {
    add(content, start, from, to) {
      const view = new DataView(content.buffer, content.byteOffset, content.length);
      for (let offset = 0; offset < content.length; offset += RECORD_BYTES) {
        const at = start + view.getUint32(offset + 24, true) * MINUTE_MS;
        const value = view.getFloat64(offset, true);
        if (at < from || at >= to || Number.isNaN(value)) continue;
        addOne(at, value, view.getUint16(offset + 28, true) / COVERED, view.getUint16(offset + 30, true));
      }
    },
    packed(quantity) {
      const ordered = [...sums.values()].sort((a, b) => a.at - b.at);
      const buckets = new Float64Array(ordered.length * BUCKET_FIELDS);
      for (const [index, { at, sum, points, coverage, quality, flags }] of ordered.entries()) {
        const worth = quality | (flags << QUALITY_BITS);
        buckets.set([points, quantity, at, sum, Number.NaN, Number.NaN, coverage, worth], index * BUCKET_FIELDS);
      }
      return buckets;
    },
  };
};
