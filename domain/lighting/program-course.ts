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
const LEVELS = 101;
/** Four years of days. */
const COURSES_KEPT = 1500;
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
  controls.length === 0
    ? NOTHING
    : controls
        .flatMap(({ solarEventType, offset, operation, levelPercent }) => {
          const eventAt = solarEventType === 'sunset' ? sun.sunsetAt : sun.sunriseAt;
          if (eventAt === null) return [];
          const at = Math.max(day.startAt, eventAt + offset * MINUTE_MS);
          return at < day.endAt ? [{ at: instant(at), operation, levelPercent }] : [];
        })
        .sort((a, b) => a.at - b.at);

const NOTHING: readonly never[] = [];

const lastBegun = <T extends Begun>(list: readonly T[], at: number): T | undefined => {
  let last: T | undefined;
  for (const one of list) if (one.at <= at) last = one;
  return last;
};

const holding = <T extends { readonly from: number; readonly to: number }>(list: readonly T[], at: number): readonly T[] =>
  list.length === 0 ? NOTHING : list.filter(({ from, to }) => from <= at && at < to);

const inOrderOfTime = (a: number, b: number): number => a - b;

/** Where a day is cut, in order, its start excluded. */
const cutsOf = (day: ProgramDay, begun: readonly Begun[], spans: readonly { readonly from: Instant; readonly to: Instant }[]) => {
  const cuts: Instant[] = [];
  for (const { at } of begun) cuts.push(at);
  for (const { from, to } of spans) cuts.push(from, to);
  return cuts.sort(inOrderOfTime).filter((at, index) => at > day.startAt && at < day.endAt && at !== cuts[index - 1]);
};

/** A step as no sun moves it, and the same step made active by the sun. */
interface ClockStep {
  readonly asIs: CourseStep;
  readonly lit: CourseStep;
}

/** Steps of a day that are the same at every place of a zone. */
const clockSteps = (
  program: ControlProgram,
  inOrder: readonly FixedTimeControl[],
  day: ProgramDay,
  before: number | null,
): readonly ClockStep[] => {
  const begun = begunOn(day, inOrder);
  const spans = clockSpans(program.activePeriods, day);
  const dynamic = dynamicSpans(program, day);
  const stepAt = (at: Instant): ClockStep => {
    const active = holding(spans, at);
    const step: CourseStep = {
      at,
      levelPercent: lastBegun(begun, at)?.levelPercent ?? before ?? FULL_LIGHT_PERCENT,
      isActive: program.activePeriods.length === 0 || active.some(({ sensed }) => sensed === null),
      sensed: active.filter(({ sensed }) => sensed !== null),
      dynamic: holding(dynamic, at).map(({ ranked }) => ranked),
    };
    return { asIs: step, lit: { ...step, isActive: true } };
  };
  return [day.startAt, ...cutsOf(day, begun, [...spans, ...dynamic])].map(stepAt);
};

/** A step of the clock as the sun changes it from an instant on. */
const underSun = (clock: ClockStep, at: Instant, spans: readonly ActiveSpan[], operations: readonly Operation[]): CourseStep => {
  let step = clock.asIs;
  let { sensed } = step;
  for (const span of spans) {
    if (span.from > at || at >= span.to) continue;
    if (span.sensed === null) step = clock.lit;
    else sensed = [...sensed, span];
  }
  const operation = operations.length === 0 ? undefined : lastBegun(operations, at);
  if (operation === undefined && sensed === step.sensed && at === step.at) return step;
  const levelPercent =
    operation === undefined ? step.levelPercent : applyOperation(operation.operation, step.levelPercent, operation.levelPercent);
  return { at, levelPercent, isActive: step.isActive, sensed, dynamic: step.dynamic };
};

const movedTo = ({ levelPercent, isActive, sensed, dynamic }: CourseStep, at: Instant): CourseStep => ({
  at,
  levelPercent,
  isActive,
  sensed,
  dynamic,
});

/** As `cutBySun` where the sun does one thing, which is nearly always: one night, from sunset to sunrise. */
const cutByNight = (day: ProgramDay, steps: readonly ClockStep[], { from, to }: ActiveSpan): readonly CourseStep[] => {
  const result: CourseStep[] = [];
  let startAt = day.startAt;
  for (let index = 0; index < steps.length; index += 1) {
    const { asIs, lit } = steps[index] as ClockStep;
    const endAt = steps[index + 1]?.asIs.at ?? day.endAt;
    result.push(from <= startAt && startAt < to ? lit : asIs);
    if (from > startAt && from < endAt) result.push(movedTo(lit, from));
    if (to > startAt && to < endAt) result.push(movedTo(asIs, to));
    startAt = endAt;
  }
  return result;
};

/** Cuts the steps of the clock where the sun changes something. */
const cutBySun = (
  day: ProgramDay,
  steps: readonly ClockStep[],
  spans: readonly ActiveSpan[],
  operations: readonly Operation[],
): readonly CourseStep[] => {
  const [only] = spans;
  if (only?.sensed === null && spans.length === 1 && operations.length === 0) return cutByNight(day, steps, only);
  const cuts = cutsOf(day, operations, spans);
  return steps.flatMap((clock, index) => {
    const startAt = clock.asIs.at;
    const endAt = steps[index + 1]?.asIs.at ?? day.endAt;
    const own = cuts.filter((cut) => cut > startAt && cut < endAt);
    return [startAt, ...own].map((at) => underSun(clock, at, spans, operations));
  });
};

const needsSun = ({ activePeriods, astroClockTimeControls = [] }: ControlProgram): boolean =>
  astroClockTimeControls.length > 0 ||
  activePeriods.some(({ name }) => name !== 'AbsoluteActivePeriod' && name !== 'ValueActivePeriod');

/** Days laid out by the clock, by the level that they begin with. */
const createClockCourses = (program: ControlProgram, inOrder: readonly FixedTimeControl[]) => {
  const known = new Map<number, readonly ClockStep[]>();
  return (day: ProgramDay, before: number | null): readonly ClockStep[] => {
    const key = day.number * LEVELS + (before ?? FULL_LIGHT_PERCENT);
    const laid = known.get(key);
    if (laid !== undefined) return laid;
    if (known.size >= COURSES_KEPT) known.clear();
    const steps = clockSteps(program, inOrder, day, before);
    known.set(key, steps);
    return steps;
  };
};

/** Makes a program ready for the days of one zone; what no sun moves is laid out once for all places. */
export const compileProgram = (program: ControlProgram, dayOffset: DayOffset): CompiledProgram => {
  const inOrder = program.fixedTimeControls.toSorted(
    (a, b) => placeInDay(a.startTime, dayOffset) - placeInDay(b.startTime, dayOffset),
  );
  const lastLevelPercent = inOrder.at(-1)?.levelPercent ?? null;
  const followsSun = needsSun(program);
  const clockCourse = createClockCourses(program, inOrder);
  return {
    program,
    followsSun,
    lastLevelPercent,
    layOut: (day, sun, carried) => {
      const steps = clockCourse(day, carried ?? lastLevelPercent);
      if (!followsSun) return { day, steps: steps.map(({ asIs }) => asIs) };
      const spans = sunSpans(program.activePeriods, day, sun);
      const operations = operationsOn(program.astroClockTimeControls ?? NOTHING, day, sun);
      return { day, steps: cutBySun(day, steps, spans, operations) };
    },
  };
};
