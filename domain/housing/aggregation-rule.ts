import { addDays, type CivilDate } from '../civil-time.ts';
import type { EnergyQuality } from '../energy/reading.ts';
import type { DwellingId } from '../identifiers.ts';
import { type WattHours, wattHours } from '../units.ts';

/**
 * The one rule by which energies of dwellings become something that others may read: a publishable cell, one building
 * on one civil day. At least 11 dwellings with data (the law says more than 10 for a building's sum: code de l'énergie,
 * D. 341-13 and following), none of them more than half of it, and no two cells within a month of each other that
 * differ by 1 to 10 dwellings: their difference would be about those few.
 */
export const SMALLEST_CELL = 11;
export const LARGEST_SHARE = 0.5;
/** Days between two cells beyond which their difference says more of the season than of who left. */
export const DIFFERENCE_DAYS = 31;

export interface DwellingDay {
  readonly dwelling: DwellingId;
  readonly energyWh: WattHours;
  readonly quality: Exclude<EnergyQuality, 'missing'>;
}

export interface PublishedCell {
  readonly state: 'published';
  readonly date: CivilDate;
  readonly energyWh: WattHours;
  /** In ascending order. Never shown: only their number is. */
  readonly members: readonly DwellingId[];
  readonly quality: Exclude<EnergyQuality, 'missing'>;
}

export interface MaskedCell {
  readonly state: 'masked';
  readonly date: CivilDate;
  readonly reason: 'fewer-than-11' | 'one-share-too-large' | 'composition-changed' | 'not-yet';
}

export type PublishableCell = PublishedCell | MaskedCell;

type Composition = readonly DwellingId[];

const missingFrom = (members: Composition, others: Composition): number => {
  const known = new Set(others);
  return members.filter((member) => !known.has(member)).length;
};

const isSafe = (size: number): boolean => size === 0 || size >= SMALLEST_CELL;

/** Whether the difference of two cells, either way, is nobody or at least 11 dwellings. */
export const differSafely = (a: Composition, b: Composition): boolean => isSafe(missingFrom(a, b)) && isSafe(missingFrom(b, a));

const isNear = (a: CivilDate, b: CivilDate): boolean => addDays(a, -DIFFERENCE_DAYS) <= b && b <= addDays(a, DIFFERENCE_DAYS);

const sumOf = (date: CivilDate, days: readonly DwellingDay[]): PublishedCell => ({
  state: 'published',
  date,
  energyWh: wattHours(days.reduce((sum, { energyWh }) => sum + energyWh, 0)),
  members: days.map(({ dwelling }) => dwelling).toSorted(),
  quality: days.some(({ quality }) => quality === 'estimated') ? 'estimated' : 'measured',
});

const isDominated = (days: readonly DwellingDay[]): boolean => {
  const total = days.reduce((sum, { energyWh }) => sum + energyWh, 0);
  const largest = Math.max(...days.map(({ energyWh }) => energyWh));
  return total > 0 && largest > total * LARGEST_SHARE;
};

/** The days of a composition, or null when one of its members has none. */
const daysOf = (members: Composition, days: readonly DwellingDay[]): readonly DwellingDay[] | null => {
  const chosen = members.map((member) => days.find(({ dwelling }) => dwelling === member));
  return chosen.includes(undefined) ? null : (chosen as DwellingDay[]);
};

/**
 * The cell of a day. `published` are the cells of the same building already published, of any day. A composition goes on
 * as long as all its members have data, newcomers apart; a new one opens only when it differs safely from every cell
 * published within a month before or after. A cell once published keeps its members for ever: a late reading can change
 * their sum, never who is in it.
 */
export const decideCell = (
  date: CivilDate,
  days: readonly DwellingDay[],
  published: readonly PublishedCell[],
): PublishableCell => {
  const masked = (reason: MaskedCell['reason']): MaskedCell => ({ state: 'masked', date, reason });
  const own = published.find((cell) => cell.date === date);
  const near = published.filter((cell) => cell.date !== date && isNear(date, cell.date));
  const latestFirst = near.toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0));
  if (own !== undefined) {
    const revised = daysOf(own.members, days);
    return revised === null || isDominated(revised) ? own : sumOf(date, revised);
  }
  if (days.length < SMALLEST_CELL) return masked('fewer-than-11');
  const everybody = days.map(({ dwelling }) => dwelling);
  for (const members of [...latestFirst.map((cell) => cell.members), everybody]) {
    const chosen = daysOf(members, days);
    if (chosen === null || !near.every((cell) => differSafely(members, cell.members))) continue;
    return isDominated(chosen) ? masked('one-share-too-large') : sumOf(date, chosen);
  }
  return masked('composition-changed');
};
