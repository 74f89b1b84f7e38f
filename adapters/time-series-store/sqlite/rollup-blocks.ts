import type Database from 'better-sqlite3';
import {
  BUCKET_FIELDS,
  type BucketNumbers,
  type BucketRecord,
  contentOf,
  createBucketSums,
  packRecords,
  recordsOf,
} from './rollup-content.ts';
import { DAY_MS } from './slots.ts';

/**
 * Length of a block of each step, in the order of the steps: a fixed span of UTC, whatever the site's zone. A block holds
 * the buckets of one point and quantity that start in it, so that a year of hours is 365 rows side by side, a year of days 12.
 */
const BLOCK_DAYS = [1, 1, 32, 512] as const;

export interface RollupBlocks {
  /** Puts buckets in the place of those of the same quantity and start. Inside the caller's transaction. */
  put(step: number, buckets: BucketNumbers): void;
  /** Buckets of one quantity that start inside the period, in order. */
  read(step: number, point: number, quantity: number, from: number, to: number): BucketNumbers;
  /** By start of bucket: how many points said something, their sum, worst coverage, worst quality, all flags. */
  sum(step: number, points: readonly number[], quantity: number, from: number, to: number): BucketNumbers;
  erasePoint(point: number): void;
  /** Deletes the buckets of one series that start before an instant. Says whether there were some. */
  expire(step: number, point: number, quantity: number, before: number): boolean;
}

const blockMs = (step: number): number => (BLOCK_DAYS[step] ?? 1) * DAY_MS;
const blockOf = (step: number, at: number): number => Math.floor(at / blockMs(step));

interface BlockRecords {
  readonly point: number;
  readonly quantity: number;
  readonly block: number;
  readonly records: BucketRecord[];
}

const byBlock = (step: number, buckets: BucketNumbers): Iterable<BlockRecords> => {
  const blocks = new Map<string, BlockRecords>();
  for (let index = 0; index < buckets.length; index += BUCKET_FIELDS) {
    const fields = buckets.subarray(index, index + BUCKET_FIELDS);
    const [point = 0, quantity = 0, at = 0, value = 0, min = 0, max = 0, coverage = 0, worth = 0] = fields;
    const block = blockOf(step, at);
    const key = `${point} ${quantity} ${block}`;
    const known = blocks.get(key) ?? { point, quantity, block, records: [] };
    blocks.set(key, known);
    known.records.push({ at, value, min, max, coverage, worth });
  }
  return blocks.values();
};

const KEY = 'step = ? AND point = ? AND quantity = ?';
export const openRollupBlocks = (database: Database.Database): RollupBlocks => {
  const find = database
    .prepare<[number, number, number, number], Buffer>(`SELECT content FROM rollup WHERE ${KEY} AND block = ?`)
    .pluck();
  const range = database
    .prepare<[number, number, number, number, number], [number, Buffer]>(
      `SELECT block, content FROM rollup WHERE ${KEY} AND block >= ? AND block <= ? ORDER BY block`,
    )
    .raw();
  const upsert = database.prepare(
    'INSERT INTO rollup VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET content = excluded.content',
  );
  const erase = database.prepare(`DELETE FROM rollup WHERE ${KEY} AND block = ?`);
  const erasePoint = database.prepare('DELETE FROM rollup WHERE step = ? AND point = ?');
  const eraseBefore = database.prepare(`DELETE FROM rollup WHERE ${KEY} AND block < ?`);

  return {
    put(step, buckets) {
      for (const { point, quantity, block, records } of byBlock(step, buckets)) {
        const start = block * blockMs(step);
        const kept = find.get(step, point, quantity, block);
        const known = kept === undefined ? [] : recordsOf(kept, start);
        const merged = new Map([...known, ...records].map((record) => [record.at, record]));
        const ordered = [...merged.values()].sort((a, b) => a.at - b.at);
        upsert.run(step, point, quantity, block, contentOf(ordered, start));
      }
    },
    read(step, point, quantity, from, to) {
      const found: BucketRecord[] = [];
      for (const [block, content] of range.iterate(step, point, quantity, blockOf(step, from), blockOf(step, to - 1)))
        for (const record of recordsOf(content, block * blockMs(step)))
          if (record.at >= from && record.at < to) found.push(record);
      return packRecords(point, quantity, found);
    },
    sum(step, points, quantity, from, to) {
      const sums = createBucketSums();
      for (const point of points)
        for (const [block, content] of range.iterate(step, point, quantity, blockOf(step, from), blockOf(step, to - 1)))
          sums.add(content, block * blockMs(step), from, to);
      return sums.packed(quantity);
    },
    erasePoint(point) {
      for (const step of BLOCK_DAYS.keys()) erasePoint.run(step, point);
    },
    expire(step, point, quantity, before) {
      const last = blockOf(step, before);
      const { changes } = eraseBefore.run(step, point, quantity, last);
      const content = find.get(step, point, quantity, last);
      if (content === undefined) return changes > 0;
      const start = last * blockMs(step);
      const records = recordsOf(content, start);
      const kept = records.filter(({ at }) => at >= before);
      if (kept.length === records.length) return changes > 0;
      if (kept.length === 0) erase.run(step, point, quantity, last);
      else upsert.run(step, point, quantity, last, contentOf(kept, start));
      return true;
    },
  };
};
