import type { Instant } from '#domain/civil-time.ts';
import type { DaySun } from '#domain/lighting/active-spans.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { chooseProgram } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { CalendarReason, DefaultReason, ProgramReason, Published } from '#domain/lighting/level-reason.ts';
import type { CompiledProgram, CourseStep, ProgramCourse } from '#domain/lighting/program-course.ts';
import type { ProgramDay, ProgramDays } from '#domain/lighting/program-day.ts';

/** One program day of what governs a light. */
export interface GovernedDay {
  readonly day: ProgramDay;
  /** Null when no program runs that day: the default level holds. */
  readonly course: ProgramCourse | null;
  readonly program: Published | null;
  /** Why the program's own level holds. */
  readonly why: { readonly active: OwnReason; readonly inactive: OwnReason };
}

type OwnReason = CalendarReason | ProgramReason | DefaultReason;

/** What governs light points: one program, or a calendar of them. */
export interface Governor {
  /** Whether anything but the clock and the sun may change a level. */
  readonly hasSensors: boolean;
  readonly programs: readonly ControlProgram[];
  dayHolding(at: Instant): GovernedDay;
  dayNumbered(number: number): GovernedDay;
}

export interface GovernorMeans {
  readonly days: ProgramDays;
  readonly sunOf: (day: ProgramDay) => DaySun;
  readonly programOf: (id: string) => CompiledProgram | null;
}

/** Two years: what the gateway foresees and a year's preview. */
const DAYS_KEPT = 800;

const publishedOf = ({ id, version, by }: Published): Published => ({ id, version, by });

const ownReason = (program: Published | null, calendar: Calendar | null, rule: number | null, active: boolean): OwnReason => {
  if (program === null) return { rung: 'default' };
  if (calendar === null) return { rung: 'program', ...publishedOf(program), active };
  return {
    rung: 'calendar',
    ...publishedOf(calendar),
    rule: rule === null ? null : rule + 1,
    program: publishedOf(program),
    active,
  };
};

type Choice = { readonly compiled: CompiledProgram; readonly rule: number | null } | null;

const hasSensors = ({ activePeriods, dynamicControls = [] }: ControlProgram): boolean =>
  dynamicControls.length > 0 ||
  activePeriods.some(({ name }) => name !== 'AbsoluteActivePeriod' && name !== 'AstroClockActivePeriod');

/** Which program runs on each day, chosen once. */
const createChoices = (source: string | Calendar, { days, programOf }: GovernorMeans): ((number: number) => Choice) => {
  const choose = (number: number): Choice => {
    const chosen =
      typeof source === 'string' ? { program: source, rule: null } : chooseProgram(source, days.numbered(number).date);
    const compiled = chosen === null ? null : programOf(chosen.program);
    return compiled === null ? null : { compiled, rule: chosen?.rule ?? null };
  };
  return remembered(choose);
};

/** One object for one reason, whatever the day: two steps have the same reason when it is the same object. */
const createReasons = (calendar: Calendar | null): ((choice: Choice, active: boolean) => OwnReason) => {
  const reasons = new Map<string, OwnReason>();
  return (choice, active) => {
    const key = `${choice?.compiled.program.id ?? ''} ${choice?.rule ?? ''} ${active}`;
    const known = reasons.get(key) ?? ownReason(choice?.compiled.program ?? null, calendar, choice?.rule ?? null, active);
    reasons.set(key, known);
    return known;
  };
};

const remembered = <T>(compute: (number: number) => T): ((number: number) => T) => {
  const known = new Map<number, T>();
  return (number) => {
    const computed = known.get(number);
    if (computed !== undefined) return computed;
    if (known.size >= DAYS_KEPT) known.clear();
    const result = compute(number);
    known.set(number, result);
    return result;
  };
};

/** Programs that a source may run. */
const programsOf = (source: string | Calendar, { programOf }: GovernorMeans): readonly ControlProgram[] => {
  const ids =
    typeof source === 'string' ? [source] : [...source.rules.map(({ program }) => program), source.defaultProgram ?? ''];
  return [...new Set(ids)].flatMap((id) => programOf(id)?.program ?? []);
};

/** What a program, or a calendar, gives day after day; each day is laid out once. */
export const createGovernor = (source: string | Calendar, means: GovernorMeans): Governor => {
  const { days, sunOf } = means;
  const choiceOn = createChoices(source, means);
  const reasonOf = createReasons(typeof source === 'string' ? null : source);
  const dayNumbered = remembered((number): GovernedDay => {
    const day = days.numbered(number);
    const choice = choiceOn(number);
    const carried = choiceOn(number - 1)?.compiled.lastLevelPercent ?? null;
    return {
      day,
      course: choice?.compiled.layOut(day, sunOf(day), carried) ?? null,
      program: choice === null ? null : publishedOf(choice.compiled.program),
      why: { active: reasonOf(choice, true), inactive: reasonOf(choice, false) },
    };
  });
  const programs = programsOf(source, means);
  return {
    hasSensors: programs.some(hasSensors),
    programs,
    dayNumbered,
    dayHolding: (at) => dayNumbered(days.holding(at).number),
  };
};

/** Index of the step of a course that holds an instant of its day. */
export const stepIndexAt = ({ steps }: ProgramCourse, at: Instant): number => {
  let index = steps.length - 1;
  while (index > 0 && (steps[index]?.at ?? at) > at) index -= 1;
  return index;
};

export const stepHolding = (course: ProgramCourse, at: Instant): CourseStep => {
  const step = course.steps[stepIndexAt(course, at)];
  if (step === undefined) throw new RangeError('A course has at least one step');
  return step;
};
