import type { CivilDate, CivilTime } from '#domain/civil-time.ts';

/** What an installation is for, as the law sees it (R. 583-2 of the Code de l'environnement). */
export type InstallationCategory =
  | 'road'
  | 'activity'
  | 'heritage'
  | 'park'
  | 'facade'
  | 'shop-window'
  | 'interior'
  | 'car-park'
  | 'worksite';

/** Where a statement comes from, and whether its text could be read: `to-verify` is shown as such and never refuses. */
export interface Citation {
  readonly id: string;
  /** As cited on screen, in French: the law is. */
  readonly title: string;
  readonly source: string;
  readonly certainty: 'sourced' | 'to-verify';
}

/** When an installation may be lit. A time that is absent is not regulated. */
export interface LawRule extends Citation {
  readonly category: InstallationCategory;
  readonly from: CivilDate;
  /** Off at the latest at this time of the night, or so long after the activity or the opening ends; of both, the later. */
  readonly offAtLatest?: { readonly time?: CivilTime; readonly minutesAfterEnd?: number };
  /** Not lit before sunset. */
  readonly isOnAfterSunset?: true;
  /** Lit again in the morning from this time, or an hour before the activity when that is earlier. */
  readonly morningFrom?: CivilTime;
}
