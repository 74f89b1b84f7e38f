import { z } from 'zod';
import { beginArchive, openArchive, type WriteLine } from '#contract/archive.ts';
import { fault } from '#contract/errors.ts';
import type { PointReference, StoredReading, StoredRollup, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { QUALITIES, QUANTITY_NAMES, type QuantityName } from '#contract/quantities.ts';
import { instant, LAST_INSTANT } from '#domain/civil-time.ts';
import { ROLLUP_FLAGS, ROLLUP_STEPS } from '#domain/energy/rollup.ts';
import { pointId } from '#domain/identifiers.ts';

const SCHEMA = 1;
const VALUES_A_PART = 5_000;
const BEGINNING = instant(0);

const at = z.int().transform(instant);
const value = z.number().nullable();
const quality = z.enum(QUALITIES);
const series = {
  point: z.string().transform(pointId),
  privacy: z.enum(['operational', 'dwelling']),
  quantity: z.enum(QUANTITY_NAMES),
};
const bucket = z
  .tuple([at, value, value, value, z.number(), quality, z.array(z.enum(ROLLUP_FLAGS))])
  .transform(([start, mean, min, max, coverage, sure, flags]) => ({
    at: start,
    value: mean,
    min,
    max,
    coverage,
    quality: sure,
    flags,
  }));
const seriesPart = z.union([
  z.strictObject({ ...series, values: z.array(z.tuple([at, value, quality])) }),
  z.strictObject({ ...series, step: z.enum(ROLLUP_STEPS), buckets: z.array(bucket) }),
]);
type SeriesPart = z.output<typeof seriesPart>;

type ReadStore = Pick<TimeSeriesStore, 'latest' | 'series' | 'rollups'>;
type FilledStore = Pick<TimeSeriesStore, 'latestInstant' | 'write' | 'writeRollups'>;

/** Every value as it was read, a part at a time. */
const valueParts = async function* (store: ReadStore, { point, privacy }: PointReference, quantity: QuantityName) {
  for (let from = BEGINNING; ; ) {
    const values = await store.series({ point, privacy, quantity, from, to: LAST_INSTANT }, VALUES_A_PART);
    const last = values.at(-1);
    if (last === undefined) return;
    yield { point, privacy, quantity, values: values.map((each) => [each.at, each.value, each.quality]) };
    from = instant(last.at + 1);
  }
};

const rollupParts = async function* (store: ReadStore, { point, privacy }: PointReference, quantity: QuantityName) {
  for (const step of ROLLUP_STEPS) {
    const all = await store.rollups({ point, privacy, quantity, step, from: BEGINNING, to: LAST_INSTANT });
    for (let start = 0; start < all.length; start += VALUES_A_PART)
      yield {
        ...{ point, privacy, quantity, step },
        buckets: all
          .slice(start, start + VALUES_A_PART)
          .map((each) => [each.at, each.value, each.min, each.max, each.coverage, each.quality, each.flags]),
      };
  }
};

/**
 * Writes the series of these points, as read and as rolled up, line by line, while the platform runs. Gives the number of
 * values and buckets. Rejects with `STORE_UNAVAILABLE`.
 */
export const archiveSeries = async (store: ReadStore, points: readonly PointReference[], write: WriteLine): Promise<number> => {
  const archive = await beginArchive('series', SCHEMA, write);
  let count = 0;
  for (const point of points) {
    const known = (await store.latest([point])).get(point.point);
    for (const quantity of known?.keys() ?? []) {
      for await (const part of valueParts(store, point, quantity)) {
        count += part.values.length;
        await archive.part(part);
      }
      for await (const part of rollupParts(store, point, quantity)) {
        count += part.buckets.length;
        await archive.part(part);
      }
    }
  }
  await archive.end();
  return count;
};

const readingsOf = ({ point, privacy, quantity, values }: Extract<SeriesPart, { values: unknown }>): readonly StoredReading[] =>
  values.map(([when, found, sure]) => ({ point, privacy, at: when, values: [{ quantity, value: found, quality: sure }] }));

const rollupsOf = ({
  point,
  privacy,
  quantity,
  step,
  buckets,
}: Extract<SeriesPart, { buckets: unknown }>): readonly StoredRollup[] =>
  buckets.map((each) => ({ point, privacy, quantity, step, bucket: each }));

/**
 * Fills an empty store from an archive, whatever engine it came from, and gives the number of values and buckets. Rejects
 * with `STORE_NOT_EMPTY`, with `ARCHIVE_INVALID` and its line (what was before it is in the store then: empty it and begin
 * again), or with `STORE_UNAVAILABLE`.
 */
export const restoreSeries = async (store: FilledStore, lines: AsyncIterable<string>): Promise<number> => {
  if ((await store.latestInstant()) !== null) throw fault('STORE_NOT_EMPTY');
  const archive = await openArchive('series', seriesPart, lines);
  if (archive.schema !== SCHEMA) archive.refuse(`its parts are of version ${archive.schema}, and this programme knows ${SCHEMA}`);
  let count = 0;
  for await (const part of archive.parts()) {
    if ('values' in part) {
      count += part.values.length;
      await store.write(readingsOf(part), { redelivered: false });
    } else {
      count += part.buckets.length;
      await store.writeRollups(rollupsOf(part));
    }
  }
  return count;
};
