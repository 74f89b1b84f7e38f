import type Database from 'better-sqlite3';
import type { Presence } from './presence.ts';
import { findEntry, mergeContents, type ReadingEntry, readEntries } from './reading-content.ts';
import { dayOf, hoursIn, SLOTS_AN_HOUR, slotOf } from './slots.ts';

/** A batch in few long pieces, so that giving it to another thread costs the same whatever it holds. */
export interface PackedReadings {
  readonly points: Float64Array<ArrayBuffer>;
  readonly instants: Float64Array<ArrayBuffer>;
  /** Where each content begins, and the end of the last one. */
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly contents: Uint8Array<ArrayBuffer>;
}

export interface RowConflict {
  readonly point: number;
  readonly quantity: number;
  readonly at: number;
}

export interface FoundValue extends ReadingEntry {
  readonly at: number;
}

export interface SeriesSpan {
  readonly point: number;
  readonly quantity: number;
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

export interface ReadingRows {
  /** Inside the caller's transaction. */
  insert(batch: PackedReadings): RowConflict[];
  /** Values of one quantity, from the first instant on or from the last one back. */
  walk(span: SeriesSpan, isBackwards: boolean): Generator<FoundValue, void>;
  /** Whole readings of a point on a day, the last one first. */
  readingsOfDay(point: number, day: number): Generator<readonly [at: number, entries: readonly ReadingEntry[]], void>;
  eraseDay(point: number, day: number, hours: number): void;
}

type DayHours = readonly [day: number, hours: number];

interface SlotRange {
  readonly first: number;
  readonly last: number;
  readonly isBackwards: boolean;
}
const WHOLE_DAY_BACKWARDS: SlotRange = {
  first: Number.NEGATIVE_INFINITY,
  last: Number.POSITIVE_INFINITY,
  isBackwards: true,
};

/** One statement for several rows spares as many calls. */
const ROWS_A_STATEMENT = 16;
const insertSql = (rows: number): string =>
  `INSERT INTO reading VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ')} ON CONFLICT DO NOTHING`;

const contentAt = ({ contents, offsets }: PackedReadings, index: number): Buffer => {
  const [start = 0, end = 0] = [offsets[index], offsets[index + 1]];
  return Buffer.from(contents.buffer, contents.byteOffset + start, end - start);
};

export const openReadingRows = (database: Database.Database, presence: Presence): ReadingRows => {
  const insertMany = database.prepare(insertSql(ROWS_A_STATEMENT));
  const insertOne = database.prepare(insertSql(1));
  const find = database
    .prepare<[number, number, number], Buffer>('SELECT content FROM reading WHERE slot = ? AND point = ? AND at = ?')
    .pluck();
  const replace = database.prepare('UPDATE reading SET content = ? WHERE slot = ? AND point = ? AND at = ?');
  const SLOT = 'SELECT at, content FROM reading WHERE slot = ? AND point = ? ORDER BY at';
  const forwards = database.prepare<[number, number], [number, Buffer]>(SLOT).raw();
  const backwards = database.prepare<[number, number], [number, Buffer]>(`${SLOT} DESC`).raw();
  const erase = database.prepare('DELETE FROM reading WHERE slot = ? AND point = ?');

  /** Some row of these was there: each is compared with what is kept, in the order of the batch. */
  const settleRows = (batch: PackedReadings, from: number, to: number, conflicts: RowConflict[]): void => {
    for (let index = from; index < to; index += 1) {
      const [point = 0, at = 0] = [batch.points[index], batch.instants[index]];
      const kept = find.get(slotOf(at), point, at);
      const content = contentAt(batch, index);
      if (kept === undefined || kept.equals(content)) continue;
      const merged = mergeContents(kept, content);
      replace.run(merged.content, slotOf(at), point, at);
      for (const quantity of merged.replaced) conflicts.push({ point, quantity, at });
    }
  };

  const insertRows = (batch: PackedReadings, from: number, to: number, conflicts: RowConflict[]): void => {
    const parameters: (number | Buffer)[] = [];
    for (let index = from; index < to; index += 1) {
      const [point = 0, at = 0] = [batch.points[index], batch.instants[index]];
      parameters.push(slotOf(at), point, at, contentAt(batch, index));
      presence.note(point, at);
    }
    const { changes } = (to - from === ROWS_A_STATEMENT ? insertMany : insertOne).run(parameters);
    if (changes < to - from) settleRows(batch, from, to, conflicts);
  };

  /** Rows of one day, of the slots from one to another. */
  function* rowsOfDay(
    point: number,
    [day, hours]: DayHours,
    { first, last, isBackwards }: SlotRange,
  ): Generator<[number, Buffer]> {
    const starts = hoursIn(day, hours).map(slotOf);
    for (const start of isBackwards ? starts.toReversed() : starts) {
      for (let step = 0; step < SLOTS_AN_HOUR; step += 1) {
        const slot = start + (isBackwards ? SLOTS_AN_HOUR - 1 - step : step);
        if (slot >= first && slot <= last) yield* (isBackwards ? backwards : forwards).all(slot, point);
      }
    }
  }

  return {
    insert(batch) {
      const conflicts: RowConflict[] = [];
      const { length } = batch.points;
      let index = 0;
      for (; index + ROWS_A_STATEMENT <= length; index += ROWS_A_STATEMENT)
        insertRows(batch, index, index + ROWS_A_STATEMENT, conflicts);
      for (; index < length; index += 1) insertRows(batch, index, index + 1, conflicts);
      presence.save();
      return conflicts;
    },
    *walk({ point, quantity, from, to }, isBackwards) {
      const slots = { first: slotOf(from), last: slotOf(to), isBackwards };
      for (const day of presence.days(point, dayOf(from), dayOf(to), isBackwards)) {
        for (const [at, content] of rowsOfDay(point, day, slots)) {
          if (at < from || at > to) continue;
          const entry = findEntry(content, quantity);
          if (entry !== null) yield { at, ...entry };
        }
      }
    },
    *readingsOfDay(point, day) {
      for (const hours of presence.days(point, day, day, true))
        for (const [at, content] of rowsOfDay(point, hours, WHOLE_DAY_BACKWARDS)) yield [at, readEntries(content)];
    },
    eraseDay(point, day, hours) {
      for (const start of hoursIn(day, hours))
        for (let step = 0; step < SLOTS_AN_HOUR; step += 1) erase.run(slotOf(start) + step, point);
    },
  };
};
