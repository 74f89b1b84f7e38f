import { getTimes } from 'suncalc';
import type { CivilDate, Instant, TimeZone } from '#domain/civil-time.ts';
import { addDays, civilTime, instant, instantOf } from '#domain/civil-time.ts';

/** WGS 84, decimal degrees, north and east positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** A civil night, from the noon of its date to the noon after. */
export interface SunNight {
  /** Sunset of the date; null where the sun does not cross the horizon that day. */
  readonly sunsetAt: Instant | null;
  /** Sunrise of the next date; null where the sun does not cross the horizon that day. */
  readonly sunriseAt: Instant | null;
  /** What a null means: `dark`, the sun stays below the horizon (polar night); `light`, above it (midnight sun). */
  readonly polar: 'dark' | 'light' | null;
}

const NOON = civilTime('12:00');

const timesOf = (date: CivilDate, position: Position, zone: TimeZone) =>
  getTimes(new Date(instantOf(date, NOON, zone)), position.latitude, position.longitude);

const instantOrNull = (date: Date | null): Instant | null => (date === null ? null : instant(Math.round(date.getTime())));

/** Sunset and sunrise of a civil night, upper limb at the horizon with standard refraction, within about a minute (suncalc). */
export const sunOfNight = (night: CivilDate, position: Position, zone: TimeZone): SunNight => {
  const evening = timesOf(night, position, zone);
  const morning = timesOf(addDays(night, 1), position, zone);
  const isDark = (evening.alwaysDown ?? false) || (morning.alwaysDown ?? false);
  const isLight = (evening.alwaysUp ?? false) || (morning.alwaysUp ?? false);
  return {
    sunsetAt: instantOrNull(evening.sunset),
    sunriseAt: instantOrNull(morning.sunrise),
    polar: isDark ? 'dark' : isLight ? 'light' : null,
  };
};
