import type { Instant } from '#domain/civil-time.ts';
import { instant } from '#domain/civil-time.ts';
import type { DaySun } from '#domain/lighting/active-spans.ts';
import type { ProgramDay, ProgramDays } from '#domain/lighting/program-day.ts';
import type { Position, SunDay } from '#domain/lighting/sun.ts';
import { nightBetween, sunOfDay } from '#domain/lighting/sun.ts';

const HALF_DAY_MS = 43_200_000;
/** Four years. */
const DAYS_KEPT = 1500;

const noonOf = ({ startAt, dayOffset }: ProgramDay): Instant => (dayOffset === 12 ? startAt : instant(startAt + HALF_DAY_MS));

/** The sun of one place, each day computed once. */
export const createSunTable = (position: Position, days: ProgramDays): ((day: ProgramDay) => DaySun) => {
  const known = new Map<number, SunDay>();
  const sunOf = (number: number): SunDay => {
    const computed = known.get(number);
    if (computed !== undefined) return computed;
    if (known.size >= DAYS_KEPT) known.clear();
    const sun = sunOfDay(noonOf(days.numbered(number)), position);
    known.set(number, sun);
    return sun;
  };
  return ({ number, dayOffset }) => {
    const own = sunOf(number);
    const next = sunOf(number + 1);
    if (dayOffset === 12) return { nights: [nightBetween(own, next)], sunsetAt: own.sunsetAt, sunriseAt: next.sunriseAt };
    return {
      nights: [nightBetween(sunOf(number - 1), own), nightBetween(own, next)],
      sunsetAt: own.sunsetAt,
      sunriseAt: own.sunriseAt,
    };
  };
};
