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

/** What a program does for a while: only sensors and overrides change anything. */
export interface CourseState {
  /** What the program gives while it is active, before any sensor: 0 to 100 % of full light. */
  readonly levelPercent: number;
  /** Active by the clock and the sun alone. */
  readonly isActive: boolean;
  /** Periods that a sensor decides about. */
  readonly sensed: readonly Pick<ActiveSpan, 'sensed' | 'whenSilent'>[];
  /** In order of priority. */
  readonly dynamic: readonly RankedControl[];
}

/** A state from an instant until the next step. */
export interface CourseStep extends CourseState {
  readonly at: Instant;
}

/** A program laid out on one of its days: steps in order of time, the first from the start of the day. */
export interface ProgramCourse {
  readonly day: ProgramDay;
  readonly steps: readonly CourseStep[];
}

/** Told each state of a day in turn, and how long it lasts. */
export type Visit = (state: CourseState, from: Instant, to: Instant) => void;

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
  /** The level of its last fixed-time control of a day, with which the day after begins; null without any. */
  readonly lastLevelPercent: number | null;
  /** Goes through a day. `carried` is the last level of the program of the day before, or null. */
  walk(day: ProgramDay, sun: DaySun, carried: number | null, visit: Visit): void;
  layOut(day: ProgramDay, sun: DaySun, carried: number | null): ProgramCourse;
}

const FULL_LIGHT_PERCENT = 100;
const MINUTE_MS = 60_000;
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
  if (begun.length === 0 && spans.length === 0) return NOTHING;
  const cuts: Instant[] = [];
  for (const { at } of begun) cuts.push(at);
  for (const { from, to } of spans) cuts.push(from, to);
  return cuts.sort(inOrderOfTime).filter((at, index) => at > day.startAt && at < day.endAt && at !== cuts[index - 1]);
};

/** A state as no sun changes it, and the same made active by the sun. */
interface ClockStep {
  /** Milliseconds after the start of the day. */
  readonly after: number;
  readonly asIs: CourseState;
  readonly lit: CourseState;
}

/** Steps that are the same at every place of a zone, and on every day on which no clock changes. */
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
    const asIs: CourseState = {
      levelPercent: lastBegun(begun, at)?.levelPercent ?? before ?? FULL_LIGHT_PERCENT,
      isActive: program.activePeriods.length === 0 || active.some(({ sensed }) => sensed === null),
      sensed: active.flatMap(({ sensed, whenSilent }) => (sensed === null ? [] : [{ sensed, whenSilent }])),
      dynamic: holding(dynamic, at).map(({ ranked }) => ranked),
    };
    return { after: at - day.startAt, asIs, lit: { ...asIs, isActive: true } };
  };
  return [day.startAt, ...cutsOf(day, begun, [...spans, ...dynamic])].map(stepAt);
};

/** A state of the clock as the sun changes it at an instant. */
const underSun = (clock: ClockStep, at: Instant, spans: readonly ActiveSpan[], operations: readonly Operation[]): CourseState => {
  if (spans.length === 0 && operations.length === 0) return clock.asIs;
  const holds = holding(spans, at);
  const state = holds.some(({ sensed }) => sensed === null) ? clock.lit : clock.asIs;
  const sensed = holds.filter((span) => span.sensed !== null);
  const operation = lastBegun(operations, at);
  if (operation === undefined && sensed.length === 0) return state;
  return {
    ...state,
    levelPercent:
      operation === undefined
        ? state.levelPercent
        : applyOperation(operation.operation, state.levelPercent, operation.levelPercent),
    sensed: [...state.sensed, ...sensed],
  };
};

/** Walks a day of which the sun makes one stretch active, which is nearly every day: a night. */
const walkNight = ({ startAt, endAt }: ProgramDay, steps: readonly ClockStep[], night: ActiveSpan, visit: Visit): void => {
  let from = startAt;
  for (let index = 0; index < steps.length; index += 1) {
    const { asIs, lit } = steps[index] as ClockStep;
    const next = steps[index + 1];
    const to = next === undefined ? endAt : instant(startAt + next.after);
    const dusk = night.from < from ? from : night.from < to ? night.from : to;
    const dawn = night.to < dusk ? dusk : night.to < to ? night.to : to;
    if (from < dusk) visit(asIs, from, dusk);
    if (dusk < dawn) visit(lit, dusk, dawn);
    if (dawn < to) visit(asIs, dawn, to);
    from = to;
  }
};

/** Walks a day that the sun changes in any way, or not at all. */
const walkSun = (
  { startAt, endAt }: ProgramDay,
  steps: readonly ClockStep[],
  spans: readonly ActiveSpan[],
  operations: readonly Operation[],
  cuts: readonly Instant[],
  visit: Visit,
): void => {
  let from = startAt;
  let cut = 0;
  for (let index = 0; index < steps.length; index += 1) {
    const clock = steps[index] as ClockStep;
    const next = steps[index + 1];
    const to = next === undefined ? endAt : instant(startAt + next.after);
    while (from < to) {
      while ((cuts[cut] ?? to) <= from) cut += 1;
      const until = instant(Math.min(cuts[cut] ?? to, to));
      visit(underSun(clock, from, spans, operations), from, until);
      from = until;
    }
  }
};

/** Days by the clock, by the level that they begin with: one for all that have no clock change, and each that has. */
const createClockDays = (program: ControlProgram, inOrder: readonly FixedTimeControl[]) => {
  const plain = new Map<number | null, readonly ClockStep[]>();
  const changed = new Map<string, readonly ClockStep[]>();
  return (day: ProgramDay, before: number | null): readonly ClockStep[] => {
    const known = day.hasClockChange ? changed.get(`${day.number} ${before}`) : plain.get(before);
    if (known !== undefined) return known;
    const steps = clockSteps(program, inOrder, day, before);
    if (day.hasClockChange) changed.set(`${day.number} ${before}`, steps);
    else plain.set(before, steps);
    return steps;
  };
};

/** Makes a program ready for the days of one zone; what no sun moves is laid out once for all days and places. */
export const compileProgram = (program: ControlProgram, dayOffset: DayOffset): CompiledProgram => {
  const inOrder = program.fixedTimeControls.toSorted(
    (a, b) => placeInDay(a.startTime, dayOffset) - placeInDay(b.startTime, dayOffset),
  );
  const lastLevelPercent = inOrder.at(-1)?.levelPercent ?? null;
  const clockDay = createClockDays(program, inOrder);
  const walk: CompiledProgram['walk'] = (day, sun, carried, visit) => {
    const steps = clockDay(day, carried ?? lastLevelPercent);
    const spans = sunSpans(program.activePeriods, day, sun);
    const operations = operationsOn(program.astroClockTimeControls ?? NOTHING, day, sun);
    const [only] = spans;
    if (only?.sensed === null && spans.length === 1 && operations.length === 0) walkNight(day, steps, only, visit);
    else walkSun(day, steps, spans, operations, cutsOf(day, operations, spans), visit);
  };
  return {
    program,
    lastLevelPercent,
    walk,
    layOut: (day, sun, carried) => {
      const steps: CourseStep[] = [];
      walk(day, sun, carried, ({ levelPercent, isActive, sensed, dynamic }, at) => {
        steps.push({ at, levelPercent, isActive, sensed, dynamic });
      });
      return { day, steps };
    },
  };
};
