import type { Quality, QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { RollupBucket, RollupFlag, RollupStep } from '#domain/energy/rollup.ts';
import type { PointId } from '#domain/identifiers.ts';

/** Whose data: a dwelling's curve is personal and lives in a database of its own where the engine has several. */
export type Privacy = 'operational' | 'dwelling';

export interface StoredReading {
  readonly point: PointId;
  readonly privacy: Privacy;
  readonly at: Instant;
  readonly values: readonly StoredValue[];
}

export interface StoredValue {
  readonly quantity: QuantityName;
  /** Null is a missing value: its quality is `missing`. */
  readonly value: number | null;
  readonly quality: Quality;
}

export interface WriteOptions {
  /** Some of these readings may have been written before: engines that cannot see it for free look before they write. */
  readonly redelivered: boolean;
}

export interface WriteOutcome {
  /** Keys (point, quantity, instant) that held a different value and now hold this one: the last revision wins. */
  readonly conflicts: readonly { readonly point: PointId; readonly quantity: QuantityName; readonly at: Instant }[];
}

export interface SeriesSelection {
  readonly point: PointId;
  readonly privacy: Privacy;
  readonly quantity: QuantityName;
  /** Inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

export interface SeriesValue {
  readonly at: Instant;
  readonly value: number | null;
  readonly quality: Quality;
}

export interface PointReference {
  readonly point: PointId;
  readonly privacy: Privacy;
}

/** Hours of UTC of one point in which something was written since its rollups were made. */
export interface StaleHours extends PointReference {
  /** Starts, ascending, all of one day of UTC. */
  readonly hours: readonly Instant[];
  /** Moved by each write: hours written again meanwhile stay stale. */
  readonly revision: number;
}

export interface StoredRollup extends PointReference {
  readonly quantity: QuantityName;
  readonly step: RollupStep;
  readonly bucket: RollupBucket;
}

export interface RollupSelection extends SeriesSelection {
  readonly step: RollupStep;
}

export interface RollupSumSelection extends Omit<RollupSelection, 'point' | 'privacy'> {
  readonly points: readonly PointReference[];
}

/** What several points make together in one bucket. A point without a value there is not in the sum: `points` says how many are. */
export interface RollupSum {
  readonly at: Instant;
  readonly sum: number;
  readonly points: number;
  /** Of the point that is covered least, 0 to 1. */
  readonly coverage: number;
  /** Of the worst point. */
  readonly quality: Quality;
  readonly flags: readonly RollupFlag[];
}

/** What is deleted: values of one privacy, as read or of one step, that are of before an instant. */
export interface Expiry {
  readonly privacy: Privacy;
  readonly kind: 'readings' | RollupStep;
  readonly before: Instant;
}

/** Idempotent on (measurement point, quantity, instant). */
export interface TimeSeriesStore {
  /** Resolves when every reading is durable; rejects with `STORE_UNAVAILABLE` or `STORE_REFUSED` when none may be counted as stored. */
  write(readings: readonly StoredReading[], options: WriteOptions): Promise<WriteOutcome>;
  /** In ascending order of instant; at most `limit` of them. */
  series(selection: SeriesSelection, limit: number): Promise<readonly SeriesValue[]>;
  /** The latest value of each quantity of each point; a quantity never stored is absent. */
  latest(points: readonly PointReference[]): Promise<ReadonlyMap<PointId, ReadonlyMap<QuantityName, SeriesValue>>>;
  /** The last value at or before an instant that is not missing, or null. Registers are read at boundaries with it. */
  lastAtOrBefore(point: PointReference, quantity: QuantityName, at: Instant): Promise<SeriesValue | null>;
  /** The first value at or after an instant that is not missing, or null. */
  firstAtOrAfter(point: PointReference, quantity: QuantityName, at: Instant): Promise<SeriesValue | null>;
  /** Instant of the latest reading of all, or null: a clock earlier than that is refused. */
  latestInstant(): Promise<Instant | null>;
  /** What writes made stale, of all points or of one, oldest first. Durable: a crash between a write and its rollup forgets nothing. */
  stale(limit: number, point?: PointReference): Promise<readonly StaleHours[]>;
  /** Says that the rollups of these hours are made. */
  settle(hours: readonly StaleHours[]): Promise<void>;
  /** Puts buckets in the place of those of the same point, quantity, step and start. */
  writeRollups(rollups: readonly StoredRollup[]): Promise<void>;
  /** Buckets that start inside the period, in order; a bucket never made is absent. */
  rollups(selection: RollupSelection): Promise<readonly RollupBucket[]>;
  /** Buckets of several points added up by start, in order. */
  sumRollups(selection: RollupSumSelection): Promise<readonly RollupSum[]>;
  /** Deletes for good what is of whole days of UTC before an instant; readings whose rollups are still to be made stay. */
  expire(expiry: Expiry): Promise<void>;
  /** Erases every value of a point. Resolves when a read no longer finds any. */
  erase(point: PointReference): Promise<void>;
  /** Rejects with `STORE_UNAVAILABLE` when the store does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
