import type { SqliteConnection } from '#adapters/sqlite/connection.ts';
import type { Privacy } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { PointId } from '#domain/identifiers.ts';
import { FIND_SERIES, INTERN_SERIES } from './statements.ts';

export interface SeriesKey {
  readonly point: PointId;
  readonly privacy: Privacy;
  readonly quantity: QuantityName;
}

export interface KnownSeries {
  readonly id: number;
  /** First and last day that hold a value, as days of UTC since 1970. */
  firstDay: number;
  lastDay: number;
}

/** The numbers that stand for (point, privacy, quantity) in the rows, kept in memory once met. */
export interface SeriesIndex {
  /** Gives numbers to those that have none yet. */
  intern(keys: readonly SeriesKey[]): Promise<void>;
  get(key: SeriesKey): KnownSeries | undefined;
  forget(point: PointId, privacy: Privacy): void;
}

export const createSeriesIndex = (connection: SqliteConnection): SeriesIndex => {
  const points = new Map<string, Map<QuantityName, KnownSeries>>();
  const quantitiesOf = (privacy: Privacy, point: PointId): Map<QuantityName, KnownSeries> => {
    const key = `${privacy}/${point}`;
    const known = points.get(key) ?? new Map<QuantityName, KnownSeries>();
    points.set(key, known);
    return known;
  };
  const get = ({ point, privacy, quantity }: SeriesKey) => points.get(`${privacy}/${point}`)?.get(quantity);

  return {
    get,
    async intern(keys) {
      const unknown = keys.filter((key) => get(key) === undefined);
      if (unknown.length === 0) return;
      const parameterRows = unknown.map(({ point, privacy, quantity }) => [point, privacy, quantity]);
      const finds = parameterRows.map((parameters) => ({ sql: FIND_SERIES, parameters }));
      const [, ...found] = await connection.execute([{ sql: INTERN_SERIES, parameterRows }, ...finds], 'atomic');
      unknown.forEach((key, index) => {
        quantitiesOf(key.privacy, key.point).set(key.quantity, found[index]?.rows[0] as KnownSeries);
      });
    },
    forget: (point, privacy) => void points.delete(`${privacy}/${point}`),
  };
};
