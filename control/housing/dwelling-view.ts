import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { Site } from '#domain/assets/site.ts';
import { addDays, type CivilDate, civilDateOf, type Instant, instant, startOfDay } from '#domain/civil-time.ts';
import { DAY_BOUNDARY, type RegisterCount } from '#domain/energy/cumulative-register.ts';
import { type Energy, MISSING_ENERGY } from '#domain/energy/reading.ts';
import { type DisplayPeriod, displayPeriods, finerPeriodAt } from '#domain/housing/consent.ts';
import type { Dwelling } from '#domain/housing/dwelling.ts';
import { coversDay, isDuring, overlapOf, type Period } from '#domain/housing/tenancy.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import type { Principal } from '#domain/people/permission.ts';
import { replacementsOf } from './counted-points.ts';
import { countOf, readRegister } from './register-readings.ts';
import { readTariff, type TariffByDay } from './tariff-of.ts';

export interface HomeMeans {
  readonly store: Pick<TimeSeriesStore, 'series'>;
  readonly housing: HousingRegistry;
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly clock: Clock;
  readonly field: 'simulated' | 'real';
}

/** A dwelling as one tenant may see it now: nothing in it is from outside his tenancy. */
export interface DwellingView {
  readonly dwelling: Dwelling;
  readonly site: Site;
  readonly now: Instant;
  readonly today: CivilDate;
  /** The consent to half-hours in force, or null. */
  readonly finer: DisplayPeriod | null;
  readonly count: RegisterCount;
  readonly tariff: TariffByDay;
  /** Missing for a day that is not wholly inside the tenancy. */
  energyOf(date: CivilDate): Energy;
}

/** What the session's own hat and the registry's tenancy both allow; `NOT_FOUND` when there is nothing. */
const tenancyOf = async (means: HomeMeans, dwelling: DwellingId, principal: Principal, now: Instant): Promise<Period> => {
  const hat = principal.hats.find((held) => held.role === 'tenant' && held.dwelling === dwelling && isDuring(held, now));
  const tenancy = (await means.housing.tenanciesOf([dwelling])).find((candidate) => isDuring(candidate, now));
  const period = hat?.role !== 'tenant' || tenancy === undefined ? null : overlapOf(hat, tenancy);
  if (period === null) throw fault('NOT_FOUND');
  return period;
};

const finerConsent = async (means: HomeMeans, dwelling: DwellingId, now: Instant): Promise<DisplayPeriod | null> => {
  const [consents, tenancies] = await Promise.all([means.housing.consentsOf([dwelling]), means.housing.tenanciesOf([dwelling])]);
  return finerPeriodAt(displayPeriods(consents, tenancies), dwelling, now);
};

/** Reads a dwelling for its tenant, `days` civil days back. */
export const viewDwelling = async (
  means: HomeMeans,
  id: DwellingId,
  principal: Principal,
  days: number,
): Promise<DwellingView> => {
  const now = means.clock.civilNow();
  const dwelling = await means.housing.dwelling(id);
  const standing = dwelling === null ? null : await means.assets.siteAssets(dwelling.site);
  const site = standing?.sites[0];
  if (dwelling === null || standing === null || site === undefined) throw fault('NOT_FOUND');
  const tenancy = await tenancyOf(means, id, principal, now);
  const today = civilDateOf(now, site.zone);
  const earliest = startOfDay(addDays(today, -days), site.zone) - DAY_BOUNDARY.longestGapMs;
  const from = instant(Math.max(earliest, tenancy.from - DAY_BOUNDARY.toleranceMs));
  const counted = {
    point: dwelling.point,
    privacy: 'dwelling' as const,
    replacedAt: replacementsOf(dwelling.point, standing.bindings),
  };
  const [readings, finer, tariff] = await Promise.all([
    readRegister(means.store, counted, from, now),
    finerConsent(means, id, now),
    readTariff(means.housing, id),
  ]);
  const count = countOf(readings, counted);
  return {
    dwelling,
    site,
    now,
    today,
    finer,
    count,
    tariff,
    energyOf: (date) =>
      coversDay(tenancy, date, site.zone)
        ? count.between(startOfDay(date, site.zone), startOfDay(addDays(date, 1), site.zone), DAY_BOUNDARY)
        : MISSING_ENERGY,
  };
};
