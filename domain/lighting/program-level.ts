import type { CivilDate, Instant, TimeZone } from '#domain/civil-time.ts';
import { addDays, civilDateOf, civilTime, instant, instantOf, nightOf, startOfDay } from '#domain/civil-time.ts';
import type { ActivePeriod, ControlProgram } from '#domain/lighting/control-program.ts';
import type { Position } from '#domain/lighting/sun.ts';
import { sunOfNight } from '#domain/lighting/sun.ts';

/** Where and in which zone a program runs. */
export interface ProgramPlace {
  readonly timeZone: TimeZone;
  readonly position: Position;
}

interface Span {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

interface Begun {
  readonly at: Instant;
  readonly levelPercent: number;
}

const FULL_LIGHT_PERCENT = 100;
const MINUTE_MS = 60_000;
const NOON = civilTime('12:00');

/** When a period is active in one civil night; null where it never is (midnight sun). A polar night is active from noon to noon. */
const spanOf = (period: ActivePeriod, night: CivilDate, { position, timeZone: zone }: ProgramPlace): Span | null => {
  const sun = sunOfNight(night, position, zone);
  if (sun.polar === 'light') return null;
  const noon = (date: CivilDate) => instantOf(date, NOON, zone);
  const from = sun.sunsetAt === null ? noon(night) : instant(sun.sunsetAt + period.sunsetOffset * MINUTE_MS);
  const to = sun.sunriseAt === null ? noon(addDays(night, 1)) : instant(sun.sunriseAt + period.sunriseOffset * MINUTE_MS);
  return from < to ? { from, to } : null;
};

/** Spans of the nights around an instant: the night before, its own and the two after. */
const spansAround = (program: ControlProgram, place: ProgramPlace, at: Instant): readonly Span[] => {
  const night = nightOf(at, place.timeZone);
  return [-1, 0, 1, 2].flatMap((offset) =>
    program.activePeriods.flatMap((period) => spanOf(period, addDays(night, offset), place) ?? []),
  );
};

/**
 * When each fixed-time control begins on one civil day, in order of time. A time that spring skips begins at the latest
 * with the control after it, so that the order of the list is kept; a time that autumn repeats begins once, the first time.
 */
const begunOn = (program: ControlProgram, date: CivilDate, zone: TimeZone): readonly Begun[] => {
  let latest = startOfDay(addDays(date, 1), zone);
  return program.fixedTimeControls
    .toReversed()
    .map(({ startTime, levelPercent }) => {
      latest = instant(Math.min(latest, instantOf(date, startTime, zone)));
      return { at: latest, levelPercent };
    })
    .toReversed();
};

const begunAround = (program: ControlProgram, zone: TimeZone, at: Instant): readonly Begun[] => {
  const date = civilDateOf(at, zone);
  return [-1, 0, 1, 2].flatMap((offset) => begunOn(program, addDays(date, offset), zone));
};

export interface ProgramLevel {
  /** 0 to 100 % of full light. */
  readonly levelPercent: number;
  /** Whether one of the program's periods is active. */
  readonly active: boolean;
}

/** A program laid out on the calendar around an instant. */
export interface ProgramCourse {
  /** Level at an instant between the one it was laid out for and two days later (TALQ 2.7.1). */
  levelAt(at: Instant): ProgramLevel;
  /** When the level may change within these two days, in no order. */
  readonly boundaries: readonly Instant[];
}

const TWO_DAYS_MS = 2 * 86_400_000;

export const courseOf = (program: ControlProgram, place: ProgramPlace, around: Instant): ProgramCourse => {
  const spans = spansAround(program, place, around);
  const begun = begunAround(program, place.timeZone, around);
  const isAlwaysActive = program.activePeriods.length === 0;
  const boundaries = [...spans.flatMap(({ from, to }) => [from, to]), ...begun.map(({ at }) => at)];
  return {
    levelAt: (at) => {
      const active = isAlwaysActive || spans.some(({ from, to }) => from <= at && at < to);
      if (!active) return { levelPercent: 0, active };
      return { levelPercent: begun.findLast((control) => control.at <= at)?.levelPercent ?? FULL_LIGHT_PERCENT, active };
    },
    boundaries: boundaries.filter((boundary) => boundary > around && boundary <= around + TWO_DAYS_MS),
  };
};
