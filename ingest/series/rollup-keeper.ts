import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { PointReference, StaleHours, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import { keptFrom } from '#domain/energy/retention.ts';
import { flagsOf, monthSpan, type RollupBucket } from '#domain/energy/rollup.ts';
import { flagDrift } from './drift.ts';
import { type RolledPoint, rollUpDay } from './roll-up-day.ts';
import { rollUpMonth } from './roll-up-month.ts';
import { touchedDays } from './touched-days.ts';

export interface RollupKeeperDependencies {
  readonly store: TimeSeriesStore;
  readonly registry: Pick<IngestRegistry, 'bindingsOfPoint'>;
  readonly logger: Logger;
}

/**
 * Makes the rollups again of the hours that writes made stale, whatever was written there: late, again, or corrected.
 * They are a function of the readings alone, so making them twice changes nothing.
 */
export interface RollupKeeper {
  /** All that is stale. Resolves with how many days of points were made. Rejects with `STORE_UNAVAILABLE`. */
  rollUp(now: Instant): Promise<number>;
  /** What is stale of one point, when it is little; says whether nothing is left. */
  freshen(point: PointReference, now: Instant): Promise<boolean>;
}

/** Somebody who asks for one point waits for no more than these. */
const HOURS_A_TURN = 50;
/** In one go; the rest is for the next hour. */
const MOST_STALE = 200_000;
/** Days of one point that somebody who asks may wait for. */
const FRESHENED = 8;

export const createRollupKeeper = ({ store, registry, logger }: RollupKeeperDependencies): RollupKeeper => {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work, work);
    turn = done;
    return done;
  };

  const makeMonths = async (
    point: RolledPoint,
    quantity: QuantityName,
    days: readonly StoredRollup[],
  ): Promise<readonly StoredRollup[]> => {
    const zone = point.bindings[0]?.zone;
    if (zone === undefined) return [];
    const months: StoredRollup[] = [];
    const made = days.filter(({ step }) => step === 'day').map(({ bucket }) => bucket);
    for (const [from, own] of Map.groupBy(made, ({ at }) => monthSpan(at, zone).from)) {
      const span = monthSpan(from, zone);
      const kept = await store.rollups({ point: point.point, privacy: point.privacy, quantity, step: 'day', ...span });
      const known = new Map(kept.map((bucket) => [bucket.at, bucket]));
      for (const bucket of own) known.set(bucket.at, stillLate(bucket, known.get(bucket.at)));
      const ordered = [...known.values()].sort((a, b) => a.at - b.at);
      const ofMonth = ordered.map(
        (bucket): StoredRollup => ({ point: point.point, privacy: point.privacy, quantity, step: 'day', bucket }),
      );
      months.push(...ofMonth.filter(({ bucket }) => own.some(({ at }) => at === bucket.at)));
      months.push(await rollUpMonth(store, point, quantity, span, ordered));
    }
    return months;
  };

  const makePoint = async (point: RolledPoint, stale: readonly StaleHours[], now: Instant): Promise<number> => {
    const latest = await store.latest([point]);
    const quantities = [...(latest.get(point.point)?.keys() ?? [])];
    const days = await touchedDays(store, point, quantities, stale, now);
    const rollups: StoredRollup[] = [];
    for (const quantity of quantities)
      for (const day of days) rollups.push(...(await rollUpDay(store, point, quantity, day, now)));
    const checked = flagDrift(
      rollups,
      days.map(({ span }) => span),
    );
    const months: StoredRollup[] = [];
    for (const [quantity, own] of Map.groupBy(checked, (rollup) => rollup.quantity))
      months.push(...(await makeMonths(point, quantity, own)));
    await store.writeRollups([...checked.filter(({ step }) => step !== 'day'), ...months]);
    return days.length;
  };

  /** Hours whose readings may be deleted already are left as they are: what was made of them is the record. */
  const stillKept = ({ privacy, hours, ...rest }: StaleHours, now: Instant): StaleHours => ({
    ...rest,
    privacy,
    hours: hours.filter((at) => at >= keptFrom(privacy, 'readings', now)),
  });

  const make = async (stale: readonly StaleHours[], now: Instant): Promise<number> => {
    let days = 0;
    for (const own of Map.groupBy(stale, ({ privacy, point }) => `${privacy} ${point}`).values()) {
      const [first] = own;
      if (first === undefined) continue;
      const bindings = await registry.bindingsOfPoint(first.point);
      if (bindings.length === 0) logger.warn('rollup-point-unknown', { point: first.point });
      else {
        const kept = own.map((hours) => stillKept(hours, now)).filter(({ hours }) => hours.length > 0);
        days += await makePoint({ point: first.point, privacy: first.privacy, bindings }, kept, now);
      }
      await store.settle(own);
    }
    return days;
  };

  /** What is written meanwhile is for the next time: a busy point would never end. */
  const makeAll = async (now: Instant): Promise<number> => {
    const all = await store.stale(MOST_STALE);
    let days = 0;
    for (let index = 0; index < all.length; index += HOURS_A_TURN) {
      const part = all.slice(index, index + HOURS_A_TURN);
      days += await inTurn(() => make(part, now));
    }
    return days;
  };

  return {
    rollUp: makeAll,
    freshen: (point, now) =>
      inTurn(async () => {
        const stale = await store.stale(FRESHENED + 1, point);
        if (stale.length > FRESHENED) return false;
        await make(stale, now);
        return true;
      }),
  };
};

const stillLate = (made: RollupBucket, before: RollupBucket | undefined): RollupBucket =>
  before?.flags.includes('late') === true ? { ...made, flags: flagsOf(made.flags, 'late') } : made;
