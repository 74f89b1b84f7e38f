import { Temporal } from 'temporal-polyfill';

/**
 * Two kinds of time, never mixed: an instant (milliseconds since 1970 in UTC) and a civil time, which has no meaning
 * without its IANA zone.
 */
declare const time: unique symbol;
/** Milliseconds since 1970-01-01T00:00:00Z, whole. */
export type Instant = number & { readonly [time]: 'instant' };
/** A calendar day such as `2026-11-24`, in the zone that comes with it. */
export type CivilDate = string & { readonly [time]: 'date' };
/** A time of day such as `23:00`, in the zone that comes with it. */
export type CivilTime = string & { readonly [time]: 'time-of-day' };
/** An IANA zone such as `Europe/Paris`. */
export type TimeZone = string & { readonly [time]: 'zone' };

export const instant = (epochMs: number): Instant => {
  if (!Number.isSafeInteger(epochMs)) throw new RangeError(`${epochMs} is not a whole number of milliseconds`);
  return epochMs as Instant;
};

/** The last instant that a date can hold (ECMAScript, time values). */
export const LAST_INSTANT: Instant = instant(8_640_000_000_000_000);

/** Parses an ISO 8601 instant; an offset or `Z` is required. */
export const parseInstant = (text: string): Instant => instant(Temporal.Instant.from(text).epochMilliseconds);

/** Zeros at the end of a fraction of a second. */
const NO_FRACTION = /\.?0+Z$/;

/** ISO 8601 in UTC, with seconds and, when they are not zero, milliseconds: `2026-11-24T16:15:00Z`. */
export const formatInstant = (at: Instant): string => new Date(at).toISOString().replace(NO_FRACTION, 'Z');

/** ISO 8601 with the offset of a zone, to the second or the millisecond: `2026-11-24T17:15:00+01:00`. */
export const formatInZone = (at: Instant, zone: TimeZone): string =>
  zoned(at, zone).toString({ timeZoneName: 'never', calendarName: 'never' });

export const timeZone = (name: string): TimeZone => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
  } catch {
    throw new RangeError(`"${name}" is not an IANA time zone, such as Europe/Paris`);
  }
  return name as TimeZone;
};

export const civilDate = (text: string): CivilDate => Temporal.PlainDate.from(text).toString() as CivilDate;

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
export const isCivilTime = (text: string): text is CivilTime => TIME_OF_DAY.test(text);
export const civilTime = (text: string): CivilTime => {
  if (!isCivilTime(text)) throw new RangeError(`"${text}" is not a time of day between 00:00 and 23:59:59`);
  return text;
};

const zoned = (at: Instant, zone: TimeZone) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

export const civilDateOf = (at: Instant, zone: TimeZone): CivilDate => zoned(at, zone).toPlainDate().toString() as CivilDate;

/** Time of day at an instant, to the second. */
export const civilTimeOf = (at: Instant, zone: TimeZone): CivilTime =>
  zoned(at, zone).toPlainTime().toString({ smallestUnit: 'second' }) as CivilTime;

/** First instant of a civil day; where midnight does not exist, the first instant after it. */
export const startOfDay = (date: CivilDate, zone: TimeZone): Instant =>
  instant(Temporal.PlainDate.from(date).toZonedDateTime(zone).startOfDay().epochMilliseconds);

export const addDays = (date: CivilDate, days: number): CivilDate =>
  Temporal.PlainDate.from(date).add({ days }).toString() as CivilDate;

/** ISO weekday, 1 Monday to 7 Sunday. */
export const weekdayOf = (date: CivilDate): number => Temporal.PlainDate.from(date).dayOfWeek;

/**
 * The instant of a civil time on a civil day. A time that comes twice (autumn) is its first occurrence; a time that
 * does not exist (spring) is as long after the gap's start as it is inside the gap.
 */
export const instantOf = (date: CivilDate, time: CivilTime, zone: TimeZone): Instant =>
  instant(
    Temporal.PlainDate.from(date)
      .toPlainDateTime(Temporal.PlainTime.from(time))
      .toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds,
  );

/** Start of the step that holds an instant: steps are counted from the civil midnight, in elapsed time, so a 25-hour day has 50 half-hours. */
export const startOfStep = (at: Instant, stepSeconds: number, zone: TimeZone): Instant => {
  const midnight = startOfDay(civilDateOf(at, zone), zone);
  const step = stepSeconds * 1000;
  return instant(midnight + Math.floor((at - midnight) / step) * step);
};

/** The night that holds an instant, named by the civil date of its noon: a night runs from noon to noon. */
export const nightOf = (at: Instant, zone: TimeZone): CivilDate => {
  const date = civilDateOf(at, zone);
  return civilTimeOf(at, zone) < '12:00:00' ? addDays(date, -1) : date;
};

const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to a civil day: days in a row have numbers in a row. */
export const dayNumberOf = (date: CivilDate): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

/** The civil day of a number, the inverse of `dayNumberOf`. */
export const civilDateNumbered = (number: number): CivilDate => new Date(number * DAY_MS).toISOString().slice(0, 10) as CivilDate;
