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

/** What a program, or a calendar, gives day after day; each day is laid out once. */
export const createGovernor = (source: string | Calendar, { days, sunOf, programOf }: GovernorMeans): Governor => {
  const calendar = typeof source === 'string' ? null : source;
  const choices = new Map<number, Choice>();
  const choiceOn = (number: number): Choice => {
    const known = choices.get(number);
    if (known !== undefined) return known;
    if (choices.size >= DAYS_KEPT) choices.clear();
    const chosen =
      typeof source === 'string' ? { program: source, rule: null } : chooseProgram(source, days.numbered(number).date);
    const compiled = chosen === null ? null : programOf(chosen.program);
    const choice = compiled === null ? null : { compiled, rule: chosen?.rule ?? null };
    choices.set(number, choice);
    return choice;
  };
  /** One object for one reason, whatever the day. */
  const reasons = new Map<string, OwnReason>();
  const reasonOf = (choice: Choice, active: boolean): OwnReason => {
    const key = `${choice?.compiled.program.id ?? ''} ${choice?.rule ?? ''} ${active}`;
    const known = reasons.get(key) ?? ownReason(choice?.compiled.program ?? null, calendar, choice?.rule ?? null, active);
    reasons.set(key, known);
    return known;
  };
  const layOut = (number: number): GovernedDay => {
    const day = days.numbered(number);
    const choice = choiceOn(number);
    const program = choice?.compiled.program ?? null;
    const before = choiceOn(number - 1)?.compiled.lastLevelPercent ?? null;
    return {
      day,
      course: choice?.compiled.layOut(day, sunOf(day), before) ?? null,
      program: program === null ? null : publishedOf(program),
      why: { active: reasonOf(choice, true), inactive: reasonOf(choice, false) },
    };
  };
  const known = new Map<number, GovernedDay>();
  const dayNumbered = (number: number): GovernedDay => {
    const laid = known.get(number);
    if (laid !== undefined) return laid;
    if (known.size >= DAYS_KEPT) known.clear();
    const day = layOut(number);
    known.set(number, day);
    return day;
  };
  const ids =
    typeof source === 'string' ? [source] : [...source.rules.map(({ program }) => program), source.defaultProgram ?? ''];
  const programs = [...new Set(ids)].flatMap((id) => programOf(id)?.program ?? []);
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
