import type { Instant } from '#domain/civil-time.ts';
import type { WallClock } from './wall-clock.ts';

/** 28 days: whole weeks, so that a Sunday stays a Sunday at each turn. */
export const CYCLE_MINUTES = 28 * 24 * 60;
/** Minutes of the wall from 1970-01-01, a Thursday, to the first Sunday: a cycle begins on a Sunday. */
const FIRST_SUNDAY_MINUTES = 3 * 24 * 60;

/** A quantity per minute that comes back every 28 days, with its running sums. */
export interface MinuteCycle {
  /** Value of the minute that holds a place. */
  at(minutes: number): number;
  /** Sum of the values from 0 to a place, in value times minutes; linear inside a minute. */
  sumTo(minutes: number): number;
}

export const createMinuteCycle = (values: ArrayLike<number>): MinuteCycle => {
  if (values.length !== CYCLE_MINUTES) throw new RangeError(`A cycle has ${CYCLE_MINUTES} minutes, not ${values.length}`);
  const sums = new Float64Array(CYCLE_MINUTES + 1);
  for (let minute = 0; minute < CYCLE_MINUTES; minute += 1) sums[minute + 1] = (sums[minute] ?? 0) + (values[minute] ?? 0);
  const whole = sums[CYCLE_MINUTES] ?? 0;

  return {
    at: (minutes) => values[Math.floor(minutes) - Math.floor(minutes / CYCLE_MINUTES) * CYCLE_MINUTES] ?? 0,
    sumTo: (minutes) => {
      const turn = Math.floor(minutes / CYCLE_MINUTES);
      const inside = minutes - turn * CYCLE_MINUTES;
      const minute = Math.floor(inside);
      return turn * whole + (sums[minute] ?? 0) + (inside - minute) * (values[minute] ?? 0);
    },
  };
};

/** A cycle laid on the civil time of a place: it lives by the clock on the wall, and its total never falls. */
export interface CivilCycle {
  at(at: Instant): number;
  /** Total since the origin, in value times minutes; by elapsed time, so the hour that comes twice in autumn counts twice. */
  totalAt(at: Instant): number;
}

export interface CivilCycleOptions {
  readonly cycle: MinuteCycle;
  readonly wall: WallClock;
  /** Where the total is 0. */
  readonly origin: Instant;
  /** Days by which the cycle is turned. */
  readonly shiftDays?: number;
}

export const createCivilCycle = ({ cycle, wall, origin, shiftDays = 0 }: CivilCycleOptions): CivilCycle => {
  const shiftMinutes = shiftDays * 24 * 60 - FIRST_SUNDAY_MINUTES;
  const atOrigin = cycle.sumTo(wall.minutesAt(origin) + shiftMinutes);
  /** Sum skipped (spring) or lived again (autumn) by the first n changes of hour. */
  const leaps: number[] = [0];

  const leapsUpTo = (at: Instant): number => {
    const changes = wall.changesUpTo(at);
    for (let known = leaps.length - 1; known < changes.length; known += 1) {
      const change = changes[known];
      if (change === undefined) break;
      const before = cycle.sumTo((change.at + change.beforeMs) / 60_000 + shiftMinutes);
      const after = cycle.sumTo((change.at + change.afterMs) / 60_000 + shiftMinutes);
      leaps.push((leaps[known] ?? 0) + after - before);
    }
    return leaps[changes.length] ?? 0;
  };

  return {
    at: (at) => cycle.at(wall.minutesAt(at) + shiftMinutes),
    totalAt: (at) => cycle.sumTo(wall.minutesAt(at) + shiftMinutes) - atOrigin - leapsUpTo(at),
  };
};
