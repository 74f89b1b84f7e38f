import type { Instant } from '#domain/civil-time.ts';
import { civilTime, instant } from '#domain/civil-time.ts';
import type { ActiveSpan, DaySun } from '#domain/lighting/active-spans.ts';
import { clockSpans, sunSpans } from '#domain/lighting/active-spans.ts';
import type {
  AstroClockTimeControl,
  ControlProgram,
  DynamicControl,
  FixedTimeControl,
} from '#domain/lighting/control-program.ts';
import type { EffectOperation } from '#domain/lighting/effect-operation.ts';
import { applyOperation } from '#domain/lighting/effect-operation.ts';
import type { DayOffset, ProgramDay } from '#domain/lighting/program-day.ts';
import { placeInDay } from '#domain/lighting/program-day.ts';

/** A dynamic control within its period, with its rank in the program. */
export interface RankedControl {
  readonly control: DynamicControl;
  /** Index in the program's list. */
  readonly rank: number;
}

/** A stretch of a program day within which only sensors and overrides change anything. It ends where the next begins. */
export interface CourseStep {
  readonly at: Instant;
  /** What the program gives while it is active, before any sensor: 0 to 100 % of full light. */
  readonly levelPercent: number;
  /** Active by the clock and the sun alone. */
  readonly isActive: boolean;
  /** Spans that a sensor decides about. */
  readonly sensed: readonly ActiveSpan[];
  /** In order of priority. */
  readonly dynamic: readonly RankedControl[];
}

/** A program laid out on one of its days: steps in order of time, the first from the start of the day. */
export interface ProgramCourse {
  readonly day: ProgramDay;
  readonly steps: readonly CourseStep[];
}

interface Begun {
  readonly at: Instant;
  readonly levelPercent: number;
}

/** The part of a day that no sun moves: the same at every place of a zone. */
interface ClockPart {
  readonly begun: readonly Begun[];
  readonly spans: readonly ActiveSpan[];
  readonly dynamic: readonly DynamicSpan[];
}

interface DynamicSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly ranked: RankedControl;
}

interface Operation extends Begun {
  readonly operation: EffectOperation;
}

/** A program made ready to be laid out day after day. */
export interface CompiledProgram {
  readonly program: ControlProgram;
  /** Whether its days differ from place to place. */
  readonly followsSun: boolean;
  /** The level of its last fixed-time control of a day, with which the day after begins; null without any. */
  readonly lastLevelPercent: number | null;
  /** `carried` is the last level of the program of the day before, or null. */
  layOut(day: ProgramDay, sun: DaySun, carried: number | null): ProgramCourse;
}

const FULL_LIGHT_PERCENT = 100;
const MINUTE_MS = 60_000;
/** Four years of days. */
const PARTS_KEPT = 1500;
const WHOLE_DAY = { startTime: civilTime('00:00'), endTime: civilTime('00:00') };

/**
 * When each fixed-time control begins. A time that spring skips begins at the latest with the control after it, so that the
 * order is kept; a time that autumn repeats begins once, the first time.
 */
const begunOn = (day: ProgramDay, inOrder: readonly FixedTimeControl[]): readonly Begun[] => {
  let latest = day.endAt;
  return inOrder
    .toReversed()
    .map(({ startTime, levelPercent }) => {
      latest = instant(Math.min(latest, day.instantOf(startTime)));
      return { at: latest, levelPercent };
    })
    .toReversed();
};

const dynamicSpans = ({ dynamicControls = [] }: ControlProgram, day: ProgramDay): readonly DynamicSpan[] =>
  dynamicControls.flatMap((control, rank) => {
    const period = { name: 'AbsoluteActivePeriod' as const, ...(control.period ?? WHOLE_DAY) };
    return clockSpans([period], day).map(({ from, to }) => ({ from, to, ranked: { control, rank } }));
  });

/** Astronomical controls of a day in order of time; one moved before the day begins with it, one moved after it never does. */
const operationsOn = (controls: readonly AstroClockTimeControl[], day: ProgramDay, sun: DaySun): readonly Operation[] =>
  controls
    .flatMap(({ solarEventType, offset, operation, levelPercent }) => {
      const eventAt = solarEventType === 'sunset' ? sun.sunsetAt : sun.sunriseAt;
      if (eventAt === null) return [];
      const at = Math.max(day.startAt, eventAt + offset * MINUTE_MS);
      return at < day.endAt ? [{ at: instant(at), operation, levelPercent }] : [];
    })
    .sort((a, b) => a.at - b.at);

const NOTHING: readonly never[] = [];

/** The instants at which a step begins, in order. */
const boundariesOf = (day: ProgramDay, clock: ClockPart, spans: readonly ActiveSpan[], operations: readonly Operation[]) => {
  const found: Instant[] = [day.startAt];
  const add = (at: Instant): void => {
    if (at > day.startAt && at < day.endAt && !found.includes(at)) found.push(at);
  };
  for (const { at } of clock.begun) add(at);
  for (const { at } of operations) add(at);
  for (const list of [clock.spans, spans, clock.dynamic])
    for (const { from, to } of list) {
      add(from);
      add(to);
    }
  return found.sort((a, b) => a - b);
};

const lastBegun = <T extends Begun>(list: readonly T[], at: number): T | undefined => {
  let last: T | undefined;
  for (const one of list) if (one.at <= at) last = one;
  return last;
};

const holding = <T extends { readonly from: number; readonly to: number }>(list: readonly T[], at: number): readonly T[] => {
  if (list.length === 0) return NOTHING;
  return list.filter(({ from, to }) => from <= at && at < to);
};

const layClock = (program: ControlProgram, inOrder: readonly FixedTimeControl[], day: ProgramDay): ClockPart => ({
  begun: begunOn(day, inOrder),
  spans: clockSpans(program.activePeriods, day),
  dynamic: dynamicSpans(program, day),
});

const needsSun = ({ activePeriods, astroClockTimeControls = [] }: ControlProgram): boolean =>
  astroClockTimeControls.length > 0 ||
  activePeriods.some(({ name }) => name !== 'AbsoluteActivePeriod' && name !== 'ValueActivePeriod');

/** Makes a program ready for the days of one zone; what no sun moves is laid out once for all places. */
export const compileProgram = (program: ControlProgram, dayOffset: DayOffset): CompiledProgram => {
  const inOrder = program.fixedTimeControls.toSorted(
    (a, b) => placeInDay(a.startTime, dayOffset) - placeInDay(b.startTime, dayOffset),
  );
  const lastLevelPercent = inOrder.at(-1)?.levelPercent ?? null;
  const isAlwaysActive = program.activePeriods.length === 0;
  const parts = new Map<number, ClockPart>();
  const clockOf = (day: ProgramDay): ClockPart => {
    const known = parts.get(day.number);
    if (known !== undefined) return known;
    if (parts.size >= PARTS_KEPT) parts.clear();
    const part = layClock(program, inOrder, day);
    parts.set(day.number, part);
    return part;
  };
  return {
    program,
    followsSun: needsSun(program),
    lastLevelPercent,
    layOut: (day, sun, carried) => {
      const clock = clockOf(day);
      const spans = sunSpans(program.activePeriods, day, sun);
      const operations = operationsOn(program.astroClockTimeControls ?? NOTHING, day, sun);
      const before = carried ?? lastLevelPercent ?? FULL_LIGHT_PERCENT;
      const stepAt = (at: Instant): CourseStep => {
        const fixed = lastBegun(clock.begun, at)?.levelPercent ?? before;
        const astro = lastBegun(operations, at);
        const active = [...holding(clock.spans, at), ...holding(spans, at)];
        return {
          at,
          levelPercent: astro === undefined ? fixed : applyOperation(astro.operation, fixed, astro.levelPercent),
          isActive: isAlwaysActive || active.some(({ sensed }) => sensed === null),
          sensed: active.filter(({ sensed }) => sensed !== null),
          dynamic: holding(clock.dynamic, at).map(({ ranked }) => ranked),
        };
      };
      return { day, steps: boundariesOf(day, clock, spans, operations).map(stepAt) };
    },
  };
};
