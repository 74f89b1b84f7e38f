import { addDays, type CivilDate, type Instant, startOfDay, type TimeZone } from '../civil-time.ts';
import type { DwellingId } from '../identifiers.ts';

/** Somebody lives in a dwelling from one instant to another. */
export interface Tenancy {
  readonly id: string;
  readonly dwelling: DwellingId;
  /** How the tenant is called on his own pages. */
  readonly tenant: string;
  readonly from: Instant;
  /** Exclusive; null while it lasts. */
  readonly to: Instant | null;
}

/** A stretch of time; `to` is exclusive, null while it lasts. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant | null;
}

export const isDuring = ({ from, to }: Period, at: Instant): boolean => from <= at && (to === null || at < to);

/** What two periods share, or null. */
export const overlapOf = (a: Period, b: Period): Period | null => {
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to === null ? b.to : b.to === null || a.to < b.to ? a.to : b.to;
  return to !== null && to <= from ? null : { from, to };
};

/**
 * Whether a tenant may see a day: only when he lived there from its first to its last instant. The day of a move holds
 * two households' energy, so it is shown to neither.
 */
export const coversDay = ({ from, to }: Period, date: CivilDate, zone: TimeZone): boolean =>
  from <= startOfDay(date, zone) && (to === null || startOfDay(addDays(date, 1), zone) <= to);

/** Two tenancies of one dwelling at one instant are two truths: the first that overlaps an earlier one, or null. */
export const overlappingTenancy = (tenancies: readonly Tenancy[]): Tenancy | null => {
  const ordered = tenancies.toSorted((a, b) => (a.dwelling < b.dwelling ? -1 : a.dwelling > b.dwelling ? 1 : a.from - b.from));
  for (const [index, tenancy] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before?.dwelling === tenancy.dwelling && overlapOf(before, tenancy) !== null) return tenancy;
  }
  return null;
};
