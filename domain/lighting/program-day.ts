import type { CivilDate, CivilTime, Instant, TimeZone } from '#domain/civil-time.ts';
import { civilDateNumbered, civilTime, instant, instantOf, startOfDay } from '#domain/civil-time.ts';

/** Hour at which a program day begins: 12, noon to noon, keeps a night whole; 0, midnight to midnight (TALQ 2.7.1). */
export type DayOffset = 0 | 12;

/** Noon to noon: the night of a Saturday is Saturday's to its end. */
export const DEFAULT_DAY_OFFSET: DayOffset = 12;

/** The day of a program: named by the civil date on which it begins. 23 or 25 hours long when the clocks change within it. */
export interface ProgramDay {
  /** As `dayNumberOf` of its date. */
  readonly number: number;
  readonly date: CivilDate;
  readonly dayOffset: DayOffset;
  readonly startAt: Instant;
  /** Exclusive. */
  readonly endAt: Instant;
  /** A day without is like any other: its times come as long after its start. */
  readonly hasClockChange: boolean;
  /** When a civil time comes within this day, the first time when it comes twice; moved by the gap when it does not exist. */
  instantOf(time: CivilTime): Instant;
}

export interface ProgramDays {
  numbered(number: number): ProgramDay;
  holding(at: Instant): ProgramDay;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOON = civilTime('12:00');
/** Four years: what a long preview looks at. Beyond, days are laid out anew. */
const DAYS_KEPT = 1500;

/** Where a time stands within a program day when no clock changes, in milliseconds from its start. */
export const placeInDay = (time: CivilTime, dayOffset: DayOffset): number => {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  const fromMidnight = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return (fromMidnight - dayOffset * HOUR_MS + DAY_MS) % DAY_MS;
};

const layDay = (number: number, zone: TimeZone, dayOffset: DayOffset): ProgramDay => {
  const date = civilDateNumbered(number);
  const next = civilDateNumbered(number + 1);
  const beginningOf = (day: CivilDate) => (dayOffset === 0 ? startOfDay(day, zone) : instantOf(day, NOON, zone));
  const startAt = beginningOf(date);
  const endAt = beginningOf(next);
  const hasClockChange = endAt - startAt !== DAY_MS;
  return {
    number,
    date,
    dayOffset,
    startAt,
    endAt,
    hasClockChange,
    instantOf: (time) => {
      const place = placeInDay(time, dayOffset);
      if (!hasClockChange) return instant(startAt + place);
      const at = instantOf(place >= DAY_MS - dayOffset * HOUR_MS ? next : date, time, zone);
      return instant(Math.min(endAt, Math.max(startAt, at)));
    },
  };
};

/** The program days of a zone, each laid out once. */
export const createProgramDays = (zone: TimeZone, dayOffset: DayOffset): ProgramDays => {
  const known = new Map<number, ProgramDay>();
  const numbered = (number: number): ProgramDay => {
    const laid = known.get(number);
    if (laid !== undefined) return laid;
    if (known.size >= DAYS_KEPT) known.clear();
    const day = layDay(number, zone, dayOffset);
    known.set(number, day);
    return day;
  };
  return {
    numbered,
    holding: (at) => {
      let day = numbered(Math.floor((at - dayOffset * HOUR_MS) / DAY_MS));
      while (at < day.startAt) day = numbered(day.number - 1);
      while (at >= day.endAt) day = numbered(day.number + 1);
      return day;
    },
  };
};
