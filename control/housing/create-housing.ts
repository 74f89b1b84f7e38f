import { documentHash } from '#contract/messages/documents.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { HousingAssets, HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { AssetsRegistry, LightingRegistry } from '#contract/ports/registry.ts';
import type { Scheduler } from '#contract/ports/scheduler.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { readBuilding, readHome, readHomeDetails } from '#contract/routes/housing.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { addDays, type CivilDate, civilDateOf } from '#domain/civil-time.ts';
import { createPublishableCells } from './publishable-cells.ts';
import { readBuildingOf } from './read-building.ts';
import { readHomeDetailsOf, readHomeOf } from './read-home.ts';
import { createTodayReadings } from './today-readings.ts';

export interface HousingMeans {
  readonly store: TimeSeriesStore;
  readonly housing: HousingRegistry;
  readonly assets: AssetsRegistry;
  readonly lighting: Pick<LightingRegistry, 'gatewayState'>;
  readonly scheduler: Scheduler;
  readonly changes: Pick<ChangeFeed, 'tell'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Said on every screen. */
  readonly field: 'simulated' | 'real';
}

export interface Housing {
  readonly routes: readonly MountedRoute[];
  /** Brings the registry to what the assets file says, unless it is the section imported last. Answers whether something changed. */
  importHousing(section: HousingAssets): Promise<boolean>;
  /** Computes the publishable cells of a day of every building again. */
  computeCells(date: CivilDate): Promise<void>;
  /** Gives the scheduler its jobs; to be called once the sites are in the registry. */
  start(): Promise<void>;
}

/** Soon after midnight, then when late readings have had time to come. */
const CELL_TIMES = '10 0,4,12 * * *';
/** Gateways keep at least three days on disk: cells of the last week are computed again. */
const LATE_DAYS = 7;

export const createHousing = (means: HousingMeans): Housing => {
  const { store, housing, assets, scheduler, clock, logger } = means;
  const cells = createPublishableCells(means);
  const today = createTodayReadings(store, clock);

  const buildings = async () => (await assets.sites()).filter(({ kind }) => kind === 'building');

  return {
    routes: [
      mount(readBuilding, ({ params }) => readBuildingOf({ ...means, cells, today }, params.site)),
      mount(readHome, ({ params, principal }) => readHomeOf(means, params.dwelling, principal)),
      mount(readHomeDetails, ({ params, principal }) => readHomeDetailsOf(means, params.dwelling, principal)),
    ],
    importHousing: async (section) => {
      const hash = documentHash(section);
      if ((await housing.importedHousingHash()) === hash) return false;
      await housing.replaceHousing(section, hash);
      logger.info('housing-imported', { dwellings: section.dwellings.length, consents: section.consents.length });
      return true;
    },
    computeCells: async (date) => {
      for (const { id, zone } of await buildings()) await cells.compute(id, date, zone);
    },
    start: async () => {
      for (const { id, zone } of await buildings()) {
        scheduler.every(`publishable-cells ${id}`, CELL_TIMES, zone, async (at) => {
          const day = civilDateOf(at, zone);
          for (let back = LATE_DAYS; back >= 1; back -= 1) await cells.compute(id, addDays(day, -back), zone);
        });
      }
    },
  };
};
