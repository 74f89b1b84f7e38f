import type { SeriesValue, StoredReading, WriteOutcome } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { InfluxHttp, InfluxRow } from './influx-http.ts';
import { MEASUREMENT, qualityField, valueInRow } from './reading-line.ts';

/** Rows that the store holds already, by point and instant. */
export interface WrittenBefore {
  conflictsOf(reading: StoredReading): WriteOutcome['conflicts'];
  /** Quantities whose quality field is there and must be replaced. */
  qualifiedOf(reading: StoredReading): ReadonlySet<QuantityName>;
}

export const NOTHING_BEFORE: WrittenBefore = { conflictsOf: () => [], qualifiedOf: () => new Set() };

const POINTS_A_QUERY = 200;
/** Instants further apart are asked by different queries, so that a reading of last year does not read a year. */
const LONGEST_GAP_MS = 6 * 3_600_000;

interface Run {
  readonly points: Set<string>;
  readonly from: number;
  to: number;
}

const runsOf = (readings: readonly StoredReading[]): Run[] => {
  const runs: Run[] = [];
  for (const { point, at } of [...readings].sort((a, b) => a.at - b.at)) {
    const last = runs.at(-1);
    if (last !== undefined && at - last.to <= LONGEST_GAP_MS && (last.points.size < POINTS_A_QUERY || last.points.has(point))) {
      last.points.add(point);
      last.to = at;
    } else {
      runs.push({ points: new Set([point]), from: at, to: at });
    }
  }
  return runs;
};

const isSame = (a: SeriesValue, value: number | null, quality: string): boolean =>
  a.value === value && a.quality === (value === null ? 'missing' : quality);

/** Looks for what these readings would replace. */
export const readWrittenBefore = async (
  http: InfluxHttp,
  database: string,
  readings: readonly StoredReading[],
): Promise<WrittenBefore> => {
  const rows = new Map<string, InfluxRow>();
  for (const { points, from, to } of runsOf(readings)) {
    const text = `SELECT * FROM "${MEASUREMENT}" WHERE "point" =~ /^(${[...points].join('|')})$/ AND time >= ${from}ms AND time <= ${to}ms GROUP BY "point"`;
    const [found = []] = await http.query(text, {}, database);
    for (const { tags, rows: ofPoint } of found) for (const row of ofPoint) rows.set(`${tags['point']} ${row['time']}`, row);
  }
  const rowOf = ({ point, at }: StoredReading): InfluxRow => rows.get(`${point} ${at}`) ?? {};

  return {
    conflictsOf: (reading) =>
      reading.values.flatMap(({ quantity, value, quality }) => {
        const before = valueInRow(rowOf(reading), quantity);
        const { point, at } = reading;
        return before === null || isSame(before, value, quality) ? [] : [{ point, quantity, at }];
      }),
    qualifiedOf: (reading) => {
      const row = rowOf(reading);
      return new Set(
        reading.values.flatMap(({ quantity }) => (typeof row[qualityField(quantity)] === 'string' ? [quantity] : [])),
      );
    },
  };
};
