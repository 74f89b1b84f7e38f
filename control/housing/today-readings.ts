import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { DAY_BOUNDARY } from '#domain/energy/cumulative-register.ts';
import type { RegisterReading } from '#domain/energy/reading.ts';
import { type CountedPoint, readRegister } from './register-readings.ts';

export interface TodayReadings {
  /** Readings of a register from just before a civil midnight to now. */
  since(counted: CountedPoint, midnight: Instant, now: Instant): Promise<readonly RegisterReading[]>;
}

/** Late readings enter the middle of a day: it is read whole again after this, in elapsed time. */
const READ_WHOLE_AFTER_MS = 60_000;

interface Kept {
  readonly midnight: Instant;
  readonly readWholeAt: Monotonic;
  readonly readings: readonly RegisterReading[];
}

/** A page reads its day again at each change: what was read a moment ago is kept, and only what follows is asked of the store. */
export const createTodayReadings = (store: Pick<TimeSeriesStore, 'series'>, clock: Clock): TodayReadings => {
  const keptByPoint = new Map<string, Kept>();

  return {
    since: async (counted, midnight, now) => {
      const elapsed = clock.monotonicNow();
      const kept = keptByPoint.get(counted.point);
      const last = kept?.readings.at(-1);
      const fresh = kept?.midnight === midnight && elapsed - kept.readWholeAt < READ_WHOLE_AFTER_MS;
      if (kept !== undefined && fresh && last !== undefined && last.at <= now) {
        const newer = await readRegister(store, counted, instant(last.at + 1), now);
        const readings = [...kept.readings, ...newer];
        keptByPoint.set(counted.point, { ...kept, readings });
        return readings;
      }
      const readings = await readRegister(store, counted, instant(midnight - DAY_BOUNDARY.toleranceMs), now);
      keptByPoint.set(counted.point, { midnight, readWholeAt: elapsed, readings });
      return readings;
    },
  };
};
