import { getTimes } from 'suncalc';
import type { CivilDate, Instant, TimeZone } from '#domain/civil-time.ts';
import { addDays, civilTime, instant, instantOf } from '#domain/civil-time.ts';

/** WGS 84, decimal degrees, north and east positive. */
export interface Position {
  readonly latitude: number;
  readonly longitude: number;
}

/** The sun of one day. Null where it does not cross that height that day. */
export interface SunDay {
  /** Beginning of civil twilight: the sun's centre is 6° below the horizon. */
  readonly dawnAt: Instant | null;
  readonly sunriseAt: Instant | null;
  readonly sunsetAt: Instant | null;
  /** End of civil twilight. */
  readonly duskAt: Instant | null;
  /** What a missing sunrise means: `dark`, the sun stays below the horizon (polar night); `light`, above it (midnight sun). */
  readonly polar: 'dark' | 'light' | null;
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

const instantOrNull = (date: Date | null): Instant | null => (date === null ? null : instant(Math.round(date.getTime())));

/**
 * Sun and civil twilight of the day whose solar noon is nearest to an instant. Upper limb at the horizon with standard
 * refraction (centre at −50′). Computed by suncalc after Meeus, Astronomical Algorithms, chapters 15 and 25; its tests hold
 * it within 60 s of another almanac from 2025 to 2035.
 */
export const sunOfDay = (noonAt: Instant, { latitude, longitude }: Position): SunDay => {
  const times = getTimes(new Date(noonAt), latitude, longitude);
  return {
    dawnAt: instantOrNull(times.dawn),
    sunriseAt: instantOrNull(times.sunrise),
    sunsetAt: instantOrNull(times.sunset),
    duskAt: instantOrNull(times.dusk),
    polar: times.alwaysDown === true ? 'dark' : times.alwaysUp === true ? 'light' : null,
  };
};

/** The night between two days. */
export const nightBetween = (evening: SunDay, morning: SunDay): SunNight => {
  const sides = [evening.polar, morning.polar];
  return {
    sunsetAt: evening.sunsetAt,
    sunriseAt: morning.sunriseAt,
    polar: sides.includes('dark') ? 'dark' : sides.includes('light') ? 'light' : null,
  };
};

/** Sunset and sunrise of a civil night. */
export const sunOfNight = (night: CivilDate, position: Position, zone: TimeZone): SunNight =>
  nightBetween(sunOfDay(instantOf(night, NOON, zone), position), sunOfDay(instantOf(addDays(night, 1), NOON, zone), position));
