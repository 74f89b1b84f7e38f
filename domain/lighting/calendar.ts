import type { CivilDate } from '#domain/civil-time.ts';
import { civilDate, dayNumberOf } from '#domain/civil-time.ts';

/** A day of every year, `--mm-dd`. */
export type YearlyDate = `--${string}`;
/** A day of every month, `---dd`. */
export type MonthlyDate = `---${string}`;

export interface DateCondition {
  readonly type: 'ccDate';
  /** Days, or ranges whose two ends are of the same kind and ascend. */
  readonly dates: readonly { readonly start: YearlyDate | MonthlyDate; readonly end?: YearlyDate | MonthlyDate | undefined }[];
}

export const OCCURRENCES = ['1', '2', '3', '4', '5', 'L'] as const;
export type Occurrence = (typeof OCCURRENCES)[number];

export interface DayCondition {
  readonly type: 'ccDay';
  /** ISO weekdays, 1 Monday to 7 Sunday, or ascending ranges. */
  readonly days: readonly { readonly start: number; readonly end?: number | undefined }[];
  /** Which of these weekdays in the month; `L` is the last. Absent or empty: all. */
  readonly occurrences?: readonly Occurrence[] | undefined;
}

/** Bounds hold for the program day of their date, both included: from noon to the noon after when the day offset is 12. */
export interface CalendarRule {
  /** A date, or a day of every year; absent: since always. */
  readonly startDate?: CivilDate | YearlyDate | undefined;
  /** A date, or a day of every year; absent: for ever. */
  readonly endDate?: CivilDate | YearlyDate | undefined;
  readonly condition?: DateCondition | DayCondition | undefined;
  readonly program: string;
}

/** Which program runs on which day, in TALQ 2.7.1 words: the first rule that matches. */
export interface Calendar {
  readonly id: string;
  /** Grows with each publication. */
  readonly version: number;
  readonly name: string;
  /** Account that published this version. */
  readonly by: string;
  readonly rules: readonly CalendarRule[];
  /** When no rule matches; absent: no program, so the default level. */
  readonly defaultProgram?: string | undefined;
}

/** The program of a day: of the rule at this index, or the default one when it is null. */
export interface CalendarChoice {
  readonly program: string;
  readonly rule: number | null;
}

const DAYS_IN_A_WEEK = 7;
const monthDayOf = (date: CivilDate): string => `-${date.slice(4)}`;
const dayOfMonth = (date: CivilDate): string => `---${date.slice(8)}`;

/** 1 Monday to 7 Sunday: day 0, 1 January 1970, was a Thursday. */
const weekdayNumbered = (day: number): number => ((((day + 3) % DAYS_IN_A_WEEK) + DAYS_IN_A_WEEK) % DAYS_IN_A_WEEK) + 1;

const daysInMonth = (date: CivilDate): number => {
  const [year = 0, month = 1] = date.split('-').map(Number);
  const next = month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, '0')}-01`;
  return dayNumberOf(civilDate(next)) - dayNumberOf(`${date.slice(0, 8)}01` as CivilDate);
};

const isDated = ({ dates }: DateCondition, date: CivilDate): boolean =>
  dates.some(({ start, end = start }) => {
    const own = start.startsWith('---') ? dayOfMonth(date) : monthDayOf(date);
    return start <= own && own <= end;
  });

const isWeekday = ({ days, occurrences = [] }: DayCondition, date: CivilDate): boolean => {
  const weekday = weekdayNumbered(dayNumberOf(date));
  if (!days.some(({ start, end = start }) => start <= weekday && weekday <= end)) return false;
  if (occurrences.length === 0) return true;
  const day = Number(date.slice(8));
  const isLast = day + DAYS_IN_A_WEEK > daysInMonth(date);
  return occurrences.includes(String(Math.ceil(day / DAYS_IN_A_WEEK)) as Occurrence) || (isLast && occurrences.includes('L'));
};

/** Where a date stands against a bound: a day of every year is compared within the date's own year. */
const ownFor = (bound: string, date: CivilDate): string => (bound.startsWith('--') ? monthDayOf(date) : date);

const matches = ({ startDate, endDate, condition }: CalendarRule, date: CivilDate): boolean => {
  if (startDate !== undefined && ownFor(startDate, date) < startDate) return false;
  if (endDate !== undefined && ownFor(endDate, date) > endDate) return false;
  if (condition === undefined) return true;
  return condition.type === 'ccDate' ? isDated(condition, date) : isWeekday(condition, date);
};

/** Indices of the rules that match the program day of a date, the first of which holds. */
export const matchingRules = ({ rules }: Calendar, date: CivilDate): readonly number[] =>
  rules.flatMap((rule, index) => (matches(rule, date) ? [index] : []));

/** The program that a calendar chooses for the program day of a date; null when no rule matches and it has no default. */
export const chooseProgram = (calendar: Calendar, date: CivilDate): CalendarChoice | null => {
  const index = calendar.rules.findIndex((rule) => matches(rule, date));
  const rule = calendar.rules[index];
  if (rule !== undefined) return { program: rule.program, rule: index };
  return calendar.defaultProgram === undefined ? null : { program: calendar.defaultProgram, rule: null };
};
