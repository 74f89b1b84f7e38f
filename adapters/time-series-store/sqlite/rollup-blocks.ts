import type Database from 'better-sqlite3';
import { DAY_MS } from './slots.ts';

/** Length of a block of each step, in the order of the steps: a fixed span of UTC, whatever the site's zone. */
const BLOCK_DAYS = [1, 1, 32, 512] as const;

/** Numbers of one bucket, in this order, in the long piece that a batch is: NaN is no value. */
export const BUCKET_FIELDS = 8;
/** point, quantity, at, value, min, max, coverage, quality | flags << 2 */
export type BucketNumbers = Float64Array<ArrayBuffer>;

/** value, min and max as doubles, then minutes from the block's start, ten-thousandths covered, quantity, quality and flags. */
const RECORD_BYTES = 33;
const COVERED = 10_000;

interface BucketRecord {
  readonly quantity: number;
  readonly at: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly coverage: number;
  readonly worth: number;
}

export interface RollupBlocks {
  /** Puts buckets in the place of those of the same quantity and start. Inside the caller's transaction. */
  put(step: number, buckets: BucketNumbers): void;
  /** Buckets of one quantity that start inside the period, in order. */
  read(step: number, point: number, quantity: number, from: number, to: number): BucketNumbers;
  /** By start of bucket: sum, how many points said something, worst coverage, worst quality, all flags. */
  sum(step: number, points: readonly number[], quantity: number, from: number, to: number): BucketNumbers;
  erasePoint(point: number): void;
  /** Deletes the buckets of these points that start before an instant. */
  expire(step: number, privacy: string, before: number): number;
}

const MINUTE_MS = 60_000;
const blockMs = (step: number): number => (BLOCK_DAYS[step] ?? 1) * DAY_MS;
const blockOf = (step: number, at: number): number => Math.floor(at / blockMs(step));

const recordAt = (content: Buffer, offset: number, start: number): BucketRecord => ({
  value: content.readDoubleLE(offset),
  min: content.readDoubleLE(offset + 8),
  max: content.readDoubleLE(offset + 16),
  at: start + content.readUInt32LE(offset + 24) * MINUTE_MS,
  coverage: content.readUInt16LE(offset + 28) / COVERED,
  quantity: content[offset + 30] ?? 0,
  worth: content.readUInt16LE(offset + 31),
});

const recordsOf = (content: Buffer, start: number): BucketRecord[] =>
  Array.from({ length: content.length / RECORD_BYTES }, (_, index) => recordAt(content, index * RECORD_BYTES, start));

const contentOf = (records: readonly BucketRecord[], start: number): Buffer => {
  const content = Buffer.alloc(records.length * RECORD_BYTES);
  for (const [index, { value, min, max, at, coverage, quantity, worth }] of records.entries()) {
    const offset = index * RECORD_BYTES;
    content.writeDoubleLE(value, offset);
    content.writeDoubleLE(min, offset + 8);
    content.writeDoubleLE(max, offset + 16);
    content.writeUInt32LE((at - start) / MINUTE_MS, offset + 24);
    content.writeUInt16LE(Math.min(COVERED, Math.ceil(coverage * COVERED)), offset + 28);
    content.writeUInt8(quantity, offset + 30);
    content.writeUInt16LE(worth, offset + 31);
  }
  return content;
};

/** Ordered by quantity then start, so that the buckets of one quantity are together. */
const ordered = (a: BucketRecord, b: BucketRecord): number => a.quantity - b.quantity || a.at - b.at;

const unpack = (buckets: BucketNumbers): Map<number, BucketRecord[]> => {
  const byPoint = new Map<number, BucketRecord[]>();
  for (let index = 0; index < buckets.length; index += BUCKET_FIELDS) {
    const [point = 0, quantity = 0, at = 0, value = 0, min = 0, max = 0, coverage = 0, worth = 0] = buckets.subarray(
      index,
      index + BUCKET_FIELDS,
    );
    const records = byPoint.get(point) ?? [];
    byPoint.set(point, records);
    records.push({ quantity, at, value, min, max, coverage, worth });
  }
  return byPoint;
};

const pack = (point: number, records: readonly BucketRecord[]): BucketNumbers => {
  const buckets = new Float64Array(records.length * BUCKET_FIELDS);
  for (const [index, { quantity, at, value, min, max, coverage, worth }] of records.entries())
    buckets.set([point, quantity, at, value, min, max, coverage, worth], index * BUCKET_FIELDS);
  return buckets;
};

const QUALITY_MASK = 3;

/** Sums by start of bucket. What a record says is read in place: a year of a thousand points is 365,000 of them. */
class BucketSums {
  readonly #byStart = new Map<number, number>();
  #sums: { at: number; sum: number; points: number; coverage: number; quality: number; flags: number }[] = [];

  add(content: Buffer, start: number, quantity: number, from: number, to: number): void {
    const view = new DataView(content.buffer, content.byteOffset, content.length);
    for (let offset = 0; offset < content.length; offset += RECORD_BYTES) {
      if (content[offset + 30] !== quantity) continue;
      const at = start + view.getUint32(offset + 24, true) * MINUTE_MS;
      const value = view.getFloat64(offset, true);
      if (at < from || at >= to || Number.isNaN(value)) continue;
      this.#addOne(at, value, view.getUint16(offset + 28, true) / COVERED, view.getUint16(offset + 31, true));
    }
  }

  #addOne(at: number, value: number, coverage: number, worth: number): void {
    const index = this.#byStart.get(at);
    const sum = index === undefined ? undefined : this.#sums[index];
    if (sum === undefined) {
      this.#byStart.set(at, this.#sums.length);
      this.#sums.push({ at, sum: value, points: 1, coverage, quality: worth & QUALITY_MASK, flags: worth >> 2 });
      return;
    }
    sum.sum += value;
    sum.points += 1;
    sum.coverage = Math.min(sum.coverage, coverage);
    sum.quality = Math.max(sum.quality, worth & QUALITY_MASK);
    sum.flags |= worth >> 2;
  }

  packed(quantity: number): BucketNumbers {
    const buckets = new Float64Array(this.#sums.length * BUCKET_FIELDS);
    this.#sums.sort((a, b) => a.at - b.at);
    for (const [index, { at, sum, points, coverage, quality, flags }] of this.#sums.entries())
      buckets.set([points, quantity, at, sum, Number.NaN, Number.NaN, coverage, quality | (flags << 2)], index * BUCKET_FIELDS);
    return buckets;
  }
}

export const openRollupBlocks = (database: Database.Database): RollupBlocks => {
  const find = database
    .prepare<[number, number, number], Buffer>('SELECT content FROM rollup WHERE step = ? AND point = ? AND block = ?')
    .pluck();
  const range = database
    .prepare<[number, number, number, number], [number, Buffer]>(
      'SELECT block, content FROM rollup WHERE step = ? AND point = ? AND block >= ? AND block <= ? ORDER BY block',
    )
    .raw();
  const upsert = database.prepare('INSERT INTO rollup VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content');
  const erase = database.prepare('DELETE FROM rollup WHERE step = ? AND point = ? AND block = ?');
  const erasePoint = database.prepare('DELETE FROM rollup WHERE step = ? AND point = ?');
  const deleteWhole = database.prepare(
    'DELETE FROM rollup WHERE step = ? AND point IN (SELECT id FROM point WHERE privacy = ?) AND block < ?',
  );
  const inBlock = database.prepare<[number, string, number], { point: number; content: Buffer }>(
    'SELECT point, content FROM rollup WHERE step = ? AND point IN (SELECT id FROM point WHERE privacy = ?) AND block = ?',
  );

  const putBlock = (step: number, block: number, point: number, records: readonly BucketRecord[]): void => {
    const start = block * blockMs(step);
    const kept = find.get(step, point, block);
    const known = kept === undefined ? [] : recordsOf(kept, start);
    const merged = new Map([...known, ...records].map((record) => [`${record.quantity} ${record.at}`, record]));
    upsert.run(step, point, block, contentOf([...merged.values()].sort(ordered), start));
  };

  return {
    put(step, buckets) {
      for (const [point, records] of unpack(buckets))
        for (const [block, ofBlock] of Map.groupBy(records, ({ at }) => blockOf(step, at))) putBlock(step, block, point, ofBlock);
    },
    read(step, point, quantity, from, to) {
      const found: BucketRecord[] = [];
      for (const [block, content] of range.iterate(step, point, blockOf(step, from), blockOf(step, to - 1))) {
        const start = block * blockMs(step);
        for (let offset = 0; offset < content.length; offset += RECORD_BYTES) {
          if (content[offset + 30] !== quantity) continue;
          const record = recordAt(content, offset, start);
          if (record.at >= from && record.at < to) found.push(record);
        }
      }
      return pack(point, found);
    },
    sum(step, points, quantity, from, to) {
      const sums = new BucketSums();
      for (const point of points)
        for (const [block, content] of range.iterate(step, point, blockOf(step, from), blockOf(step, to - 1)))
          sums.add(content, block * blockMs(step), quantity, from, to);
      return sums.packed(quantity);
    },
    erasePoint(point) {
      for (const step of BLOCK_DAYS.keys()) erasePoint.run(step, point);
    },
    expire(step, privacy, before) {
      const last = blockOf(step, before);
      let { changes } = deleteWhole.run(step, privacy, last);
      const start = last * blockMs(step);
      for (const { point, content } of inBlock.all(step, privacy, last)) {
        const records = recordsOf(content, start);
        const kept = records.filter(({ at }) => at >= before);
        if (kept.length === records.length) continue;
        changes += 1;
        if (kept.length === 0) erase.run(step, point, last);
        else upsert.run(step, point, last, contentOf(kept, start));
      }
      return changes;
    },
  };
};
