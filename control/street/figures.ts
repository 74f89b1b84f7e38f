import type { SeriesValue } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { Figure } from '#contract/routes/fields.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';

/** The latest value of each quantity of one point; a quantity never stored is absent. */
export type LatestValues = ReadonlyMap<QuantityName, SeriesValue>;

const NOTHING_KNOWN: Figure = { value: null, at: null, quality: 'missing' };

export const figureOf = (values: LatestValues | undefined, quantity: QuantityName): Figure => {
  const latest = values?.get(quantity);
  return latest === undefined ? NOTHING_KNOWN : { value: latest.value, at: formatInstant(latest.at), quality: latest.quality };
};

/** A state as a truth; null when it is not known. */
export const stateOf = (values: LatestValues | undefined, quantity: QuantityName): boolean | null => {
  const value = values?.get(quantity)?.value ?? null;
  return value === null ? null : value !== 0;
};

export const lastInstantOf = (points: Iterable<LatestValues>): Instant | null => {
  let last: Instant | null = null;
  for (const values of points) for (const { at } of values.values()) if (last === null || at > last) last = at;
  return last;
};
