import { z } from 'zod';
import type { CivilDate } from '#domain/civil-time.ts';
import { type Calendar, type MonthlyDate, OCCURRENCES, type YearlyDate } from '#domain/lighting/calendar.ts';
import { byField, orderField } from './fields.ts';

/** Calendars as they travel: the words, forms and orders of TALQ 2.7.1. */
const A_LEAP_YEAR = '2024';

const isDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
};
const isYearly = (text: string): text is YearlyDate => text.startsWith('--') && isDate(`${A_LEAP_YEAR}${text.slice(1)}`);
const isMonthly = (text: string): text is MonthlyDate => /^---(0[1-9]|[12]\d|3[01])$/.test(text);

type Bound = CivilDate | YearlyDate;
const boundField = z
  .string()
  .refine((text) => isDate(text) || isYearly(text), 'a date is yyyy-mm-dd, or --mm-dd for each year') as unknown as z.ZodType<
  Bound,
  Bound
>;

type Recurring = YearlyDate | MonthlyDate;
const recurringField = z
  .string()
  .refine(
    (text) => isYearly(text) || isMonthly(text),
    'a day is --mm-dd of each year, or ---dd of each month',
  ) as unknown as z.ZodType<Recurring, Recurring>;

const MUST_ASCEND = 'the end must be of the same kind as the start and after it: a range over the new year is written as two';

const dateConditionField = z.strictObject({
  type: z.literal('ccDate'),
  dates: z
    .array(
      z
        .strictObject({ start: recurringField, end: recurringField.optional() })
        .refine(({ start, end }) => end === undefined || (isMonthly(start) === isMonthly(end) && start < end), {
          path: ['end'],
          error: MUST_ASCEND,
        }),
    )
    .min(1)
    .max(60),
});

const dayConditionField = z.strictObject({
  type: z.literal('ccDay'),
  days: z
    .array(
      z
        .strictObject({ start: z.int().min(1).max(7), end: z.int().min(1).max(7).optional() })
        .refine(({ start, end }) => end === undefined || start < end, {
          path: ['end'],
          error: 'the end must be after the start: Saturday to Monday is written as 6 to 7 and 1',
        }),
    )
    .min(1)
    .max(7),
  occurrences: z
    .array(z.enum(OCCURRENCES))
    .max(5)
    .refine((list) => new Set(list).size === list.length, 'an occurrence is said once')
    .optional(),
});

const isAscending = ({ startDate, endDate }: { startDate?: Bound | undefined; endDate?: Bound | undefined }): boolean =>
  startDate === undefined ||
  endDate === undefined ||
  startDate.startsWith('--') !== endDate.startsWith('--') ||
  startDate <= endDate;

const calendarRuleField = z
  .strictObject({
    startDate: boundField.optional(),
    endDate: boundField.optional(),
    condition: z.discriminatedUnion('type', [dateConditionField, dayConditionField]).optional(),
    program: orderField,
  })
  .refine(isAscending, { path: ['endDate'], error: MUST_ASCEND });

export const calendarField: z.ZodType<Calendar, Calendar> = z.strictObject({
  id: orderField,
  version: z.int().min(1),
  name: z.string().min(1).max(80),
  by: byField,
  rules: z.array(calendarRuleField).max(100),
  defaultProgram: orderField.optional(),
});
