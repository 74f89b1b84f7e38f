import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { addDays, type CivilDate, instant, startOfDay, type TimeZone } from '#domain/civil-time.ts';
import { DAY_BOUNDARY } from '#domain/energy/cumulative-register.ts';
import { DIFFERENCE_DAYS, type DwellingDay, decideCell, type PublishableCell } from '#domain/housing/aggregation-rule.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { replacementsOf } from './counted-points.ts';
import { countOf, readRegister } from './register-readings.ts';

export interface PublishableCellsMeans {
  readonly store: Pick<TimeSeriesStore, 'series'>;
  readonly housing: HousingRegistry;
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly clock: Clock;
  readonly changes: Pick<ChangeFeed, 'tell'>;
  readonly logger: Logger;
}

export interface PublishableCells {
  /** The cell of a building's day as it can be read now: computed at the first read, and again while it is masked. */
  cellOf(site: SiteId, date: CivilDate, zone: TimeZone): Promise<PublishableCell>;
  /** Computes and keeps the cell of a day, whatever was known: late readings are then in it. */
  compute(site: SiteId, date: CivilDate, zone: TimeZone): Promise<PublishableCell>;
}

/** How long after its end a day waits for dwellings whose readings have not come, before it is decided without them. */
const PATIENCE_MS = 12 * 3_600_000;
/** A masked cell is looked at again no more often than this, in elapsed time. */
const RETRY_AFTER_MS = 60_000;

const isSame = (a: PublishableCell | undefined, b: PublishableCell): boolean => JSON.stringify(a) === JSON.stringify(b);

export const createPublishableCells = (means: PublishableCellsMeans): PublishableCells => {
  const { store, housing, assets, clock, changes, logger } = means;
  const lastTries = new Map<string, Monotonic>();
  let inCourse: Promise<unknown> = Promise.resolve();

  const daysOfDwellings = async (site: SiteId, date: CivilDate, zone: TimeZone) => {
    const dwellings = await housing.dwellingsOf(site);
    const bindings = (await assets.siteAssets(site))?.bindings ?? [];
    const [start, end] = [startOfDay(date, zone), startOfDay(addDays(date, 1), zone)];
    const days = await Promise.all(
      dwellings.map(async ({ id, point }): Promise<DwellingDay[]> => {
        const counted = { point, privacy: 'dwelling' as const, replacedAt: replacementsOf(point, bindings) };
        const around = [instant(start - DAY_BOUNDARY.longestGapMs), instant(end + DAY_BOUNDARY.longestGapMs)] as const;
        const readings = await readRegister(store, counted, ...around);
        const { energyWh, quality } = countOf(readings, counted).between(start, end, DAY_BOUNDARY);
        return energyWh === null || quality === 'missing' ? [] : [{ dwelling: id, energyWh, quality }];
      }),
    );
    return { days: days.flat(), expected: dwellings.length };
  };

  const decide = async (site: SiteId, date: CivilDate, zone: TimeZone): Promise<PublishableCell> => {
    const around = await housing.cells(site, addDays(date, -DIFFERENCE_DAYS), addDays(date, DIFFERENCE_DAYS));
    const kept = around.find((cell) => cell.date === date);
    const { days, expected } = await daysOfDwellings(site, date, zone);
    const patienceEnds = startOfDay(addDays(date, 1), zone) + PATIENCE_MS;
    if (kept === undefined && days.length < expected && clock.civilNow() < patienceEnds)
      return { state: 'masked', date, reason: 'not-yet' };
    const published = around.flatMap((cell) => (cell.state === 'published' ? [cell] : []));
    const cell = decideCell(date, days, published);
    if (isSame(kept, cell)) return cell;
    await housing.saveCell(site, cell);
    logger.info('publishable-cell-decided', { site, date, state: cell.state, dwellings: days.length });
    changes.tell({ changed: 'building', id: site });
    return cell;
  };

  /** One at a time: a cell depends on the cells around it. */
  const compute: PublishableCells['compute'] = (site, date, zone) => {
    const next = inCourse.then(async (): Promise<PublishableCell> => {
      if (clock.civilNow() < startOfDay(addDays(date, 1), zone)) return { state: 'masked', date, reason: 'not-yet' };
      return decide(site, date, zone);
    });
    inCourse = next.catch(() => undefined);
    return next;
  };

  return {
    compute,
    cellOf: async (site, date, zone) => {
      const [kept] = await housing.cells(site, date, date);
      if (kept?.state === 'published') return kept;
      const key = `${site} ${date}`;
      const lastTry = lastTries.get(key);
      const now = clock.monotonicNow();
      if (lastTry !== undefined && now - lastTry < RETRY_AFTER_MS) return kept ?? { state: 'masked', date, reason: 'not-yet' };
      lastTries.clear();
      lastTries.set(key, now);
      return compute(site, date, zone);
    },
  };
};
