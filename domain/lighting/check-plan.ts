import { civilDate, dayNumberOf } from '#domain/civil-time.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { calendarConflicts } from '#domain/lighting/calendar-conflicts.ts';
import { checkLaw } from '#domain/lighting/check-law.ts';
import { checkLevels } from '#domain/lighting/check-levels.ts';
import { checkNights, checkPeriods } from '#domain/lighting/check-nights.ts';
import type { Finding } from '#domain/lighting/finding.ts';
import { createGovernor, type Governor } from '#domain/lighting/governor.ts';
import type { Installation } from '#domain/lighting/installation.ts';
import type { LightingPlan, PlanAssignment } from '#domain/lighting/lighting-plan.ts';
import { litNights } from '#domain/lighting/lit-nights.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import { createProgramDays, DEFAULT_DAY_OFFSET } from '#domain/lighting/program-day.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';

export interface PlanToCheck {
  readonly plan: LightingPlan;
  /** The year whose nights are looked at. */
  readonly year: number;
  /** What each assignment lights, in their order; null where it is not known, and then only good sense is checked. */
  readonly installations: readonly (Installation | null)[];
}

const bare = (code: Finding['code'], path: string, fields: Finding['fields']): Finding => ({
  code,
  path,
  fields,
  rule: null,
  firstOn: null,
});

const checkNames = ({ programs, calendars = [], groups, assignments }: LightingPlan): readonly Finding[] => {
  const programNamed = (id: string | undefined, path: string): readonly Finding[] =>
    id === undefined || programs.some((program) => program.id === id) ? [] : [bare('program-unknown', path, { program: id })];
  const calendarNamed = (id: string | undefined, path: string): readonly Finding[] =>
    id === undefined || calendars.some((calendar) => calendar.id === id)
      ? []
      : [bare('calendar-unknown', path, { calendar: id })];
  const grouped = ({ target }: PlanAssignment, path: string): readonly Finding[] => {
    if (target.kind !== 'group') return [];
    const members = groups.find(({ id }) => id === target.group)?.members ?? [];
    return members.length > 0 ? [] : [bare('group-empty', path, { group: target.group })];
  };
  return [
    ...assignments.flatMap((assignment, index) => [
      ...programNamed(assignment.program, `assignments.${index}.program`),
      ...calendarNamed(assignment.calendar, `assignments.${index}.calendar`),
      ...grouped(assignment, `assignments.${index}.target`),
    ]),
    ...calendars.flatMap(({ rules, defaultProgram }, index) => [
      ...rules.flatMap(({ program }, rank) => programNamed(program, `calendars.${index}.rules.${rank}.program`)),
      ...programNamed(defaultProgram, `calendars.${index}.defaultProgram`),
    ]),
  ];
};

const checkCalendar = (calendar: Calendar, year: number, path: string): readonly Finding[] => {
  const conflicts = calendarConflicts(calendar, year).flatMap(({ rule, matching, hidden }): readonly Finding[] => {
    const place = `${path}.rules.${rule}`;
    const [first] = hidden;
    if (matching === 0) return [bare('rule-without-effect', place, { year })];
    if (first === undefined) return [];
    const fields = { nights: hidden.length, date: first.date, by: first.by + 1 };
    return [{ code: 'rule-hidden', path: place, rule: null, firstOn: first.date, fields }];
  });
  const endless = calendar.rules.flatMap(({ startDate, endDate }, rule): readonly Finding[] =>
    startDate === undefined || startDate.startsWith('--') || endDate !== undefined
      ? []
      : [bare('rule-without-end', `${path}.rules.${rule}.endDate`, { date: startDate })],
  );
  return [...endless, ...conflicts];
};

/**
 * What is wrong, unlawful or absurd in a plan over a year, each finding with its place in the document and the rule that
 * it rests on, once. An empty list is a plan without remark.
 */
export const checkPlan = ({ plan, year, installations }: PlanToCheck): readonly Finding[] => {
  const dayOffset = plan.dayOffset ?? DEFAULT_DAY_OFFSET;
  const days = createProgramDays(plan.timeZone, dayOffset);
  const sunOf = createSunTable(plan.position, days);
  const compiled = new Map(plan.programs.map((program) => [program.id, compileProgram(program, dayOffset)]));
  const first = dayNumberOf(civilDate(`${year}-01-01`));
  const count = dayNumberOf(civilDate(`${year + 1}-01-01`)) - first;
  const yearDays = Array.from({ length: count }, (_, index) => days.numbered(first + index)).map((day) => ({
    day,
    sun: sunOf(day),
  }));
  const governorOf = ({ program, calendar }: PlanAssignment): Governor | null => {
    const source = program ?? plan.calendars?.find(({ id }) => id === calendar);
    return source === undefined ? null : createGovernor(source, { days, sunOf, programOf: (id) => compiled.get(id) ?? null });
  };
  const checkAssignment = (assignment: PlanAssignment, index: number): readonly Finding[] => {
    const governor = governorOf(assignment);
    if (governor === null || governor.programs.length === 0) return [];
    const path = `assignments.${index}`;
    const nights = litNights(governor, year, sunOf, plan.defaultLevelPercent);
    const installation = installations[index] ?? null;
    const absurd = checkNights(nights, plan.programs, path);
    if (installation === null) return absurd;
    const levels = governor.programs.flatMap((program) =>
      checkLevels(program, installation, `programs.${plan.programs.indexOf(program)}`),
    );
    return [...absurd, ...levels, ...checkLaw(installation, nights, plan.timeZone, path)];
  };
  const findings = [
    ...checkNames(plan),
    ...plan.programs.flatMap((program, index) => checkPeriods(program, yearDays, `programs.${index}`)),
    ...(plan.calendars ?? []).flatMap((calendar, index) => checkCalendar(calendar, year, `calendars.${index}`)),
    ...plan.assignments.flatMap(checkAssignment),
  ];
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
};
