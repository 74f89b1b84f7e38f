import type { SeriesValue } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { InfluxHttp, InfluxRow } from './influx-http.ts';
import { MEASUREMENT, quantityOfField, valueInRow } from './reading-line.ts';

/** Fields that have ever been written, so that only those are asked. */
const readFields = async (http: InfluxHttp, database: string): Promise<string[]> => {
  const [series = []] = await http.query(`SHOW FIELD KEYS FROM "${MEASUREMENT}"`, {}, database);
  const fields = series.flatMap(({ rows }) => rows.map((row) => String(row['fieldKey'])));
  return fields.filter((field) => quantityOfField(field) !== null);
};

/** A row gathered for one quantity: the newest instant wins, and two fields of one instant belong together. */
const merged = (known: InfluxRow | undefined, at: Instant, field: string, content: InfluxRow[string]): InfluxRow => {
  const knownAt = known?.['time'];
  if (typeof knownAt !== 'number' || at > knownAt) return { time: at, [field]: content };
  return at === knownAt ? { ...known, [field]: content } : { ...known };
};

/** The latest value of each quantity of each point: a missing one counts. */
export const readLatest = async (
  http: InfluxHttp,
  database: string,
  points: readonly PointId[],
): Promise<ReadonlyMap<PointId, ReadonlyMap<QuantityName, SeriesValue>>> => {
  if (points.length === 0) return new Map();
  const fields = await readFields(http, database);
  if (fields.length === 0) return new Map();
  const condition = `"point" =~ /^(${points.join('|')})$/`;
  const statements = fields.map((field) => `SELECT last("${field}") FROM "${MEASUREMENT}" WHERE ${condition} GROUP BY "point"`);
  const answers = await http.query(statements.join('; '), {}, database);

  const rows = new Map<PointId, Map<QuantityName, InfluxRow>>();
  for (const [index, field] of fields.entries()) {
    const quantity = quantityOfField(field);
    if (quantity === null) continue;
    for (const { tags, rows: found } of answers[index] ?? []) {
      const point = tags['point'] as PointId;
      const ofPoint = rows.get(point) ?? new Map<QuantityName, InfluxRow>();
      rows.set(point, ofPoint);
      for (const row of found)
        ofPoint.set(quantity, merged(ofPoint.get(quantity), row['time'] as Instant, field, row['last'] ?? null));
    }
  }
  return new Map(
    [...rows].map(([point, ofPoint]) => [
      point,
      new Map(
        [...ofPoint].flatMap(([quantity, row]) => {
          const value = valueInRow(row, quantity);
          return value === null ? [] : [[quantity, value] as const];
        }),
      ),
    ]),
  );
};
