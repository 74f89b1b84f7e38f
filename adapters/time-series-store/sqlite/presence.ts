import type Database from 'better-sqlite3';
import { dayOf, hourBit } from './slots.ts';
import type { StaleDayRow } from './stale-days.ts';

/** One day of one point: the hours that hold readings, those whose rollups are not made yet, and a number that each write moves. */
export interface PresentDay {
  readonly point: number;
  readonly day: number;
  hours: number;
  stale: number;
  revision: number;
}

/** Which hours of which point hold something: reads go only there, and rollups are made again only there. */
export interface Presence {
  /** Notes one reading written; `save` makes it durable with the rows of its transaction. */
  note(point: number, at: number): void;
  save(): void;
  /** What is in memory may not be what is in the file: a transaction failed, or rows were deleted. */
  forget(): void;
  /** Days that hold readings, in order of days. */
  days(point: number, fromDay: number, toDay: number, backwards: boolean): IterableIterator<[day: number, hours: number]>;
  /** Of one point, or of all for null; oldest first. */
  stale(limit: number, point: number | null): readonly StaleDayRow[];
  /** The rollups of these hours are made, unless something was written since they were read. */
  settle(rows: readonly StaleDayRow[]): void;
}

const DAYS_KEPT = 300_000;
/** A day of a point as one number: days fit in 20 bits until the year 3400. */
const DAY_RANGE = 2 ** 20;
const keyOf = (point: number, day: number): number => point * DAY_RANGE + day + DAY_RANGE / 2;

export const openPresence = (database: Database.Database): Presence => {
  const known = new Map<number, PresentDay>();
  const changed = new Set<PresentDay>();
  let revision = 0;
  const find = database.prepare<[number, number], { hours: number; stale: number }>(
    'SELECT hours, stale FROM presence WHERE point = ? AND day = ?',
  );
  const upsert = database.prepare(`INSERT INTO presence VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET hours = hours | excluded.hours, stale = stale | excluded.stale`);
  const DAYS = 'SELECT day, hours FROM presence WHERE point = ? AND day >= ? AND day <= ? ORDER BY day';
  const forwards = database.prepare<[number, number, number], [number, number]>(DAYS).raw();
  const backwards = database.prepare<[number, number, number], [number, number]>(`${DAYS} DESC`).raw();
  const STALE = `SELECT point.point, point.privacy, point.id, presence.day, presence.stale AS hours
    FROM presence JOIN point ON point.id = presence.point WHERE presence.stale <> 0`;
  type StaleRow = Omit<StaleDayRow, 'revision'> & { readonly id: number };
  const selectStale = database.prepare<[number], StaleRow>(`${STALE} ORDER BY presence.day LIMIT ?`);
  const selectStaleOf = database.prepare<[number, number], StaleRow>(
    `${STALE} AND presence.point = ? ORDER BY presence.day LIMIT ?`,
  );
  const clear = database.prepare('UPDATE presence SET stale = stale & ~? WHERE point = ? AND day = ?');

  const findPoint = database.prepare<[string, string], number>('SELECT id FROM point WHERE point = ? AND privacy = ?').pluck();

  const load = (point: number, day: number): PresentDay => {
    const key = keyOf(point, day);
    const met = known.get(key);
    if (met !== undefined) return met;
    if (known.size >= DAYS_KEPT) known.clear();
    revision += 1;
    const loaded = { point, day, ...(find.get(point, day) ?? { hours: 0, stale: 0 }), revision };
    known.set(key, loaded);
    return loaded;
  };

  return {
    note(point, at) {
      const present = load(point, dayOf(at));
      const bit = hourBit(at);
      revision += 1;
      present.revision = revision;
      if ((present.hours & bit) !== 0 && (present.stale & bit) !== 0) return;
      present.hours |= bit;
      present.stale |= bit;
      changed.add(present);
    },
    save() {
      for (const { point, day, hours, stale } of changed) upsert.run(point, day, hours, stale);
      changed.clear();
    },
    forget() {
      known.clear();
      changed.clear();
    },
    days: (point, fromDay, toDay, isBackwards) => (isBackwards ? backwards : forwards).iterate(point, fromDay, toDay),
    stale(limit, point) {
      const rows = point === null ? selectStale.all(limit) : selectStaleOf.all(point, limit);
      return rows.map(({ id, ...row }) => ({ ...row, revision: load(id, row.day).revision }));
    },
    settle(rows) {
      for (const { point, privacy, day, hours, revision: read } of rows) {
        const id = findPoint.get(point, privacy);
        if (id === undefined) continue;
        const present = load(id, day);
        if (present.revision !== read) continue;
        clear.run(hours, id, day);
        present.stale &= ~hours;
      }
    },
  };
};
