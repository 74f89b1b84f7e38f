import type Database from 'better-sqlite3';
import type { Presence } from './presence.ts';
import { DAY_MS, HOURS_A_DAY, SLOTS_AN_HOUR, slotOf } from './slots.ts';

/** Deletion of old readings in small pieces, so that writes pass between them. Each inside the caller's transaction. */
export interface Expiry {
  /** The first day of which a point of this privacy has readings, or null. */
  oldestDay(privacy: string): number | null;
  /** Deletes the readings of one hour, but those of points whose rollups of that day are still to be made. */
  expireHour(privacy: string, day: number, hour: number): void;
  /** Forgets that this day had readings, once its hours are deleted. */
  forgetDay(privacy: string, day: number): void;
}

const OF_PRIVACY = 'point IN (SELECT id FROM point WHERE privacy = ?)';

export const openExpiry = (database: Database.Database, presence: Presence): Expiry => {
  const oldest = database
    .prepare<[string], number | null>(
      'SELECT min((SELECT min(day) FROM presence WHERE presence.point = point.id)) FROM point WHERE privacy = ?',
    )
    .pluck();
  const deleteSlots = database.prepare(`DELETE FROM reading WHERE slot >= ? AND slot < ? AND ${OF_PRIVACY}
    AND point NOT IN (SELECT point FROM presence WHERE day = ? AND stale <> 0)`);
  const deleteDay = database.prepare(`DELETE FROM presence WHERE day = ? AND stale = 0 AND ${OF_PRIVACY}`);

  return {
    oldestDay: (privacy) => oldest.get(privacy) ?? null,
    expireHour(privacy, day, hour) {
      const first = slotOf(day * DAY_MS + (hour * DAY_MS) / HOURS_A_DAY);
      deleteSlots.run(first, first + SLOTS_AN_HOUR, privacy, day);
    },
    forgetDay(privacy, day) {
      deleteDay.run(day, privacy);
      presence.forget();
    },
  };
};
