import type { Instant } from '../civil-time.ts';
import type { DwellingId } from '../identifiers.ts';
import { isDuring, overlapOf, type Period, type Tenancy } from './tenancy.ts';

/** How fine a dwelling's energy may be published. One value a day needs no consent; finer always does. */
export type DisplayGrain = 'day' | '30min';

/** A tenant agrees, from one instant to another, to a finer display than one value a day. */
export interface Consent {
  readonly dwelling: DwellingId;
  readonly displayGrain: DisplayGrain;
  readonly from: Instant;
  /** Exclusive; null while it lasts. */
  readonly to: Instant | null;
}

export interface DisplayPeriod extends Period {
  readonly dwelling: DwellingId;
  readonly grain: DisplayGrain;
}

/** A consent is its giver's: it holds only inside the tenancy in which it was given, and ends with it. Times without any are `day`. */
export const displayPeriods = (consents: readonly Consent[], tenancies: readonly Tenancy[]): readonly DisplayPeriod[] =>
  consents.flatMap((consent) => {
    const giver = tenancies.find(
      ({ dwelling, from, to }) => dwelling === consent.dwelling && isDuring({ from, to }, consent.from),
    );
    const period = giver === undefined ? null : overlapOf(consent, giver);
    return period === null ? [] : [{ ...period, dwelling: consent.dwelling, grain: consent.displayGrain }];
  });

/** The period that allows a grain finer than a day at an instant, or null. */
export const finerPeriodAt = (periods: readonly DisplayPeriod[], dwelling: DwellingId, at: Instant): DisplayPeriod | null =>
  periods.find((period) => period.dwelling === dwelling && period.grain !== 'day' && isDuring(period, at)) ?? null;
