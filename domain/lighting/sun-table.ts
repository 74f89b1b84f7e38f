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
  const suns = new Map<number, SunDay>();
  const known = new Map<number, DaySun>();
  const sunOf = (number: number): SunDay => {
    const computed = suns.get(number) ?? sunOfDay(noonOf(days.numbered(number)), position);
    suns.set(number, computed);
    return computed;
  };
  const compute = ({ number, dayOffset }: ProgramDay): DaySun => {
    const own = sunOf(number);
    const next = sunOf(number + 1);
    const coming = nightBetween(own, next);
    if (dayOffset === 12) return { nights: [coming], sunsetAt: own.sunsetAt, sunriseAt: next.sunriseAt };
    return { nights: [nightBetween(sunOf(number - 1), own), coming], sunsetAt: own.sunsetAt, sunriseAt: own.sunriseAt };
  };
  return (day) => {
    const computed = known.get(day.number);
    if (computed !== undefined) return computed;
    if (known.size >= DAYS_KEPT) {
      known.clear();
      suns.clear();
    }
    const sun = compute(day);
    known.set(day.number, sun);
    return sun;
  };
};
