import type { DaySun } from '#domain/lighting/active-spans.ts';
import type { CompiledProgram, CourseState } from '#domain/lighting/program-course.ts';
import type { ProgramDay, ProgramDays } from '#domain/lighting/program-day.ts';

/** A program of a day and the level that the day before left. */
export interface ProgramVariant {
  readonly compiled: CompiledProgram;
  readonly carried: number | null;
}

/** How long each level lasts on the days of one place; each day of a variant is laid out once. */
export interface NightLedger {
  /** Adds the milliseconds of each level, 0 to 100 %, of a day to `totals`. `variant` is an index of those it was made with. */
  add(totals: Float64Array, variant: number, day: number): void;
}

const NOT_LAID = -1;

/** Level of a state while every sensor is silent: no simulation knows who will pass by. */
export const silentLevel = ({ isActive, sensed, levelPercent }: CourseState): number =>
  isActive || sensed.some(({ whenSilent }) => whenSilent) ? levelPercent : 0;

/** Its days count from the first of its year. */
export const createNightLedger = (
  variants: readonly ProgramVariant[],
  sunOf: (day: ProgramDay) => DaySun,
  { days, firstDay, nights }: { readonly days: ProgramDays; readonly firstDay: number; readonly nights: number },
): NightLedger => {
  /** Where the entry of a day ends, then each of its levels and the milliseconds it lasts; day after day. */
  const book: number[] = [];
  const places = variants.map(() => new Int32Array(0));
  const record = (from: number, level: number, ms: number): void => {
    for (let at = from; at < book.length; at += 2)
      if (book[at] === level) {
        book[at + 1] = (book[at + 1] ?? 0) + ms;
        return;
      }
    book.push(level, ms);
  };
  const placeOf = (variant: number, index: number): number => {
    let pages = places[variant];
    if (pages === undefined || pages.length === 0) {
      pages = new Int32Array(nights).fill(NOT_LAID);
      places[variant] = pages;
    }
    const known = pages[index] ?? NOT_LAID;
    if (known !== NOT_LAID) return known;
    const { compiled, carried } = variants[variant] as ProgramVariant;
    const day = days.numbered(firstDay + index);
    const place = book.length;
    book.push(0);
    compiled.walk(day, sunOf(day), carried, (state, from, to) => record(place + 1, silentLevel(state), to - from));
    book[place] = book.length;
    pages[index] = place;
    return place;
  };
  return {
    add: (totals, variant, index) => {
      const place = placeOf(variant, index);
      const end = book[place] ?? 0;
      for (let at = place + 1; at < end; at += 2) {
        const level = book[at] ?? 0;
        totals[level] = (totals[level] ?? 0) + (book[at + 1] ?? 0);
      }
    },
  };
};
