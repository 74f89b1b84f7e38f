import { Temporal } from 'temporal-polyfill';
import { type Instant, instant } from '../civil-time.ts';
import type { RollupStep } from './rollup.ts';

/** What is kept apart: the values as read, or the buckets of one step. */
export type KeptKind = 'readings' | RollupStep;
export const KEPT_KINDS = ['readings', '10min', 'hour', 'day', 'month'] as const satisfies readonly KeptKind[];

/**
 * Years for which each kind is kept. Of a dwelling: what the CNIL accepted when it closed its notices to EDF and ENGIE
 * (15 Feb 2021): infra-daily 2 years, daily 3 years, monthly 3 years and 4 more in an archive. Of lighting and common parts,
 * which are nobody's life: readings 3 years, and what shows how equipment ages for the 20 years of its life.
 */
export const YEARS_KEPT: Readonly<Record<'dwelling' | 'operational', Readonly<Record<KeptKind, number>>>> = {
  dwelling: { readings: 2, '10min': 2, hour: 2, day: 3, month: 7 },
  operational: { readings: 3, '10min': 5, hour: 20, day: 20, month: 20 },
};

/** Months of a dwelling older than this are an archive: kept for a claim, shown to nobody. */
const DWELLING_MONTHS_SHOWN_YEARS = 3;

/** The instant so many civil years before another, in UTC. */
const yearsBefore = (now: Instant, years: number): Instant =>
  instant(
    Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO('Etc/UTC').startOfDay().subtract({ years }).epochMilliseconds,
  );

/** What is of before this instant is to be deleted. */
export const keptFrom = (privacy: 'dwelling' | 'operational', kind: KeptKind, now: Instant): Instant =>
  yearsBefore(now, YEARS_KEPT[privacy][kind]);

/** What is of before this instant is shown to nobody, deleted or not. */
export const shownFrom = (privacy: 'dwelling' | 'operational', kind: KeptKind, now: Instant): Instant =>
  privacy === 'dwelling' && kind === 'month' ? yearsBefore(now, DWELLING_MONTHS_SHOWN_YEARS) : keptFrom(privacy, kind, now);
