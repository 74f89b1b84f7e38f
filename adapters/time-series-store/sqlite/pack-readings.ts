import { fault } from '#contract/errors.ts';
import type { PointReference, Privacy, StoredReading } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { PointId } from '#domain/identifiers.ts';
import { LARGEST_ENTRY, putEntry, qualityCode } from './reading-content.ts';
import type { FileWrite, KnownPoint } from './series-file.ts';
import { dayOf } from './slots.ts';

interface Span {
  first: number;
  last: number;
}

/** A point that has a number in the file, with the days between which each of its quantities was said. */
export interface IndexedPoint {
  readonly id: number;
  readonly point: PointId;
  readonly spans: Map<number, Span>;
}

/** The numbers that stand for points in the rows, kept in memory once met. */
export interface PointIndex {
  get(privacy: Privacy, point: PointId): IndexedPoint | undefined;
  add(privacy: Privacy, point: PointId, known: KnownPoint): void;
  forget(privacy: Privacy, point: PointId): void;
  /** Points of these readings that were never met. */
  unmet(points: readonly PointReference[]): readonly (readonly [point: PointId, privacy: Privacy])[];
}

export const createPointIndex = (): PointIndex => {
  const points: Readonly<Record<Privacy, Map<PointId, IndexedPoint>>> = { operational: new Map(), dwelling: new Map() };
  return {
    get: (privacy, point) => points[privacy].get(point),
    add(privacy, point, { id, spans }) {
      const known = new Map(spans.map(([quantity, first, last]) => [quantity, { first, last }]));
      points[privacy].set(point, { id, point, spans: known });
    },
    forget: (privacy, point) => void points[privacy].delete(point),
    unmet(asked) {
      const unmet = new Map<string, readonly [PointId, Privacy]>();
      for (const { point, privacy } of asked) if (!points[privacy].has(point)) unmet.set(`${privacy}/${point}`, [point, privacy]);
      return [...unmet.values()];
    },
  };
};

/** Says whether a day is outside what the series reached, and stretches it. */
const stretches = (spans: Map<number, Span>, quantity: number, day: number): boolean => {
  const span = spans.get(quantity);
  if (span === undefined) {
    spans.set(quantity, { first: day, last: day });
    return true;
  }
  if (day >= span.first && day <= span.last) return false;
  span.first = Math.min(span.first, day);
  span.last = Math.max(span.last, day);
  return true;
};

export interface PackedBatch {
  readonly write: FileWrite;
  readonly given: readonly ArrayBuffer[];
}

/** Packs readings whose points were all met. Throws `STORE_REFUSED` for a quantity without a number. */
export const packReadings = (
  readings: readonly StoredReading[],
  index: PointIndex,
  quantities: ReadonlyMap<string, number>,
): PackedBatch => {
  const kept = readings.filter(({ values }) => values.length > 0);
  const points = new Float64Array(kept.length);
  const instants = new Float64Array(kept.length);
  const offsets = new Uint32Array(kept.length + 1);
  const contents = new Uint8Array(kept.reduce((sum, { values }) => sum + values.length, 0) * LARGEST_ENTRY);
  const view = new DataView(contents.buffer);
  const widened: (readonly [number, number, number, number])[] = [];
  let offset = 0;
  for (const [row, { point, privacy, at, values }] of kept.entries()) {
    const indexed = index.get(privacy, point);
    if (indexed === undefined) throw fault('STORE_REFUSED', { what: point, reason: 'it has no number' });
    points[row] = indexed.id;
    instants[row] = at;
    const day = dayOf(at);
    for (const { quantity, value, quality } of values) {
      const number = quantities.get(quantity);
      if (number === undefined) throw fault('STORE_REFUSED', { what: `${point} ${quantity}`, reason: 'it has no number' });
      if (stretches(indexed.spans, number, day)) widened.push([indexed.id, number, day, day]);
      offset = putEntry(view, offset, number, value, qualityCode(value, quality));
    }
    offsets[row + 1] = offset;
  }
  return {
    write: { points, instants, offsets, contents, widened },
    given: [points.buffer, instants.buffer, offsets.buffer, contents.buffer],
  };
};

export const quantityNames = (quantities: ReadonlyMap<string, number>): ReadonlyMap<number, QuantityName> =>
  new Map([...quantities].map(([name, number]) => [number, name as QuantityName]));
