import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { Scheduler } from '#contract/ports/scheduler.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type Instant, timeZone } from '#domain/civil-time.ts';
import { KEPT_KINDS, keptFrom } from '#domain/energy/retention.ts';
import { createRollupKeeper, type RollupKeeper } from './rollup-keeper.ts';

export interface SeriesKeepingDependencies {
  readonly store: TimeSeriesStore;
  readonly registry: Pick<IngestRegistry, 'bindingsOfPoint'>;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SeriesKeeping extends Service {
  readonly rollups: RollupKeeper;
}

/** A little after each hour: what gateways gathered at its end has come. */
const ROLLUP_TIMES = '7 * * * *';
const EXPIRY_TIMES = '20 2 * * *';
const ZONE = timeZone('Etc/UTC');

/** Rollups each hour and retention each night, by themselves. */
export const createSeriesKeeping = ({ store, registry, scheduler, clock, logger }: SeriesKeepingDependencies): SeriesKeeping => {
  const rollups = createRollupKeeper({ store, registry, logger });
  let days = 0;
  let why: string | null = null;
  let running = false;

  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      why = null;
    } catch (thrown) {
      why = `${what}: ${reasonOf(thrown)}`;
      throw thrown;
    }
  };

  const rollUp = async (): Promise<void> => {
    days += await rollups.rollUp(clock.civilNow());
  };

  /** Rollups first: a reading is never deleted before what is made of it. */
  const expire = async (at: Instant): Promise<void> => {
    await rollUp();
    for (const privacy of ['dwelling', 'operational'] as const)
      for (const kind of KEPT_KINDS) await store.expire({ privacy, kind, before: keptFrom(privacy, kind, at) });
    logger.info('series-expired');
  };

  return {
    name: 'series-keeping',
    rollups,
    start: () => {
      scheduler.every('rollups', ROLLUP_TIMES, ZONE, () => attempt('rollups', rollUp));
      scheduler.every('retention', EXPIRY_TIMES, ZONE, (at) => attempt('retention', () => expire(at)));
      running = true;
      return Promise.resolve();
    },
    stop: async () => {
      running = false;
      await scheduler.stop();
    },
    health: (): ServiceHealth => {
      if (!running) return { state: 'stopped', figures: { days } };
      return why === null ? { state: 'ready', figures: { days } } : { state: 'degraded', why, figures: { days } };
    },
  };
};
