import type { Instant } from '#domain/civil-time.ts';
import { civilDate, dayNumberOf } from '#domain/civil-time.ts';
import type { DaySun } from '#domain/lighting/active-spans.ts';
import type { GovernedDay, Governor } from '#domain/lighting/governor.ts';
import { silentLevel } from '#domain/lighting/night-ledger.ts';
import type { ProgramDay } from '#domain/lighting/program-day.ts';

export interface LitStretch {
  readonly from: Instant;
  readonly to: Instant;
}

/** A program day with the stretches in which it is lit, sensors silent. */
export interface LitNight {
  readonly governed: GovernedDay;
  readonly day: ProgramDay;
  readonly sun: DaySun;
  readonly lit: readonly LitStretch[];
}

const litStretches = ({ course, day }: GovernedDay, defaultLevelPercent: number): readonly LitStretch[] => {
  if (course === null) return defaultLevelPercent > 0 ? [{ from: day.startAt, to: day.endAt }] : [];
  const lit: LitStretch[] = [];
  for (const [index, step] of course.steps.entries()) {
    if (silentLevel(step) === 0) continue;
    const to = course.steps[index + 1]?.at ?? day.endAt;
    const last = lit.at(-1);
    if (last?.to === step.at) lit[lit.length - 1] = { from: last.from, to };
    else lit.push({ from: step.at, to });
  }
  return lit;
};

/** Every night of a year under what governs it. */
export const litNights = (
  governor: Governor,
  year: number,
  sunOf: (day: ProgramDay) => DaySun,
  defaultLevelPercent: number,
): readonly LitNight[] => {
  const first = dayNumberOf(civilDate(`${year}-01-01`));
  const count = dayNumberOf(civilDate(`${year + 1}-01-01`)) - first;
  return Array.from({ length: count }, (_, index) => {
    const governed = governor.dayNumbered(first + index);
    return { governed, day: governed.day, sun: sunOf(governed.day), lit: litStretches(governed, defaultLevelPercent) };
  });
};
