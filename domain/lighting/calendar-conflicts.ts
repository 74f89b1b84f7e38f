import type { CivilDate } from '#domain/civil-time.ts';
import { civilDate, civilDateNumbered, dayNumberOf } from '#domain/civil-time.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { matchingRules } from '#domain/lighting/calendar.ts';

/** A rule that others hide on some of its days, because they come before it and run another program. Rules count from 0. */
export interface HiddenRule {
  readonly rule: number;
  /** Days of the year on which the rule matches. */
  readonly matching: number;
  /** Of them, those on which another program runs. */
  readonly hidden: readonly { readonly date: CivilDate; readonly by: number }[];
}

/** Rules of a calendar that match a year, each with what hides it. A rule with no matching day never applies that year. */
export const calendarConflicts = (calendar: Calendar, year: number): readonly HiddenRule[] => {
  const first = dayNumberOf(civilDate(`${year}-01-01`));
  const count = dayNumberOf(civilDate(`${year + 1}-01-01`)) - first;
  const dates = Array.from({ length: count }, (_, index) => civilDateNumbered(first + index));
  const matches = dates.map((date) => ({ date, rules: matchingRules(calendar, date) }));
  return calendar.rules.map(({ program }, rule) => {
    const own = matches.filter(({ rules }) => rules.includes(rule));
    const hidden = own.flatMap(({ date, rules: [by = rule] }) =>
      by !== rule && calendar.rules[by]?.program !== program ? [{ date, by }] : [],
    );
    return { rule, matching: own.length, hidden };
  });
};
