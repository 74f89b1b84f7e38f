import type { SeriesValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { countRegister, ORDINARY_REGISTER, type RegisterCount } from '#domain/energy/cumulative-register.ts';
import type { RegisterReading } from '#domain/energy/reading.ts';
import type { PointId } from '#domain/identifiers.ts';
import { wattHours } from '#domain/units.ts';

/** A point whose energy is counted, with the instants at which its meter was replaced. */
export interface CountedPoint {
  readonly point: PointId;
  readonly privacy: 'operational' | 'dwelling';
  readonly replacedAt: readonly Instant[];
}

const REGISTER = 'energyImportedWh';
/** Two days at one reading a second. */
const READINGS_LIMIT = 172_800;

const readingOf = ({ at, value, quality }: SeriesValue): RegisterReading[] =>
  value === null || quality === 'missing' ? [] : [{ at, registerWh: wattHours(value), sure: quality === 'measured' }];

/** Every reading of a point's register from one instant to another, both included. */
export const readRegister = async (
  store: Pick<TimeSeriesStore, 'series'>,
  { point, privacy }: CountedPoint,
  from: Instant,
  to: Instant,
): Promise<readonly RegisterReading[]> => {
  const values = await store.series({ point, privacy, quantity: REGISTER, from, to: instant(to + 1) }, READINGS_LIMIT);
  return values.flatMap(readingOf);
};

/** The readings on both sides of instants, for a point too talkative to read whole. */
export const readRegisterAround = async (
  store: Pick<TimeSeriesStore, 'lastAtOrBefore' | 'firstAtOrAfter'>,
  counted: CountedPoint,
  instants: readonly Instant[],
): Promise<readonly RegisterReading[]> => {
  const sides = await Promise.all(
    instants.flatMap((at) => [store.lastAtOrBefore(counted, REGISTER, at), store.firstAtOrAfter(counted, REGISTER, at)]),
  );
  const readings = sides.flatMap((value) => (value === null ? [] : readingOf(value)));
  return [...new Map(readings.map((reading) => [reading.at, reading])).values()];
};

export const countOf = (readings: readonly RegisterReading[], { replacedAt }: CountedPoint): RegisterCount =>
  countRegister(readings, { ...ORDINARY_REGISTER, replacedAt });
