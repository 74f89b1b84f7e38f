import { fault } from '#contract/errors.ts';
import type { SeriesValue, StoredReading } from '#contract/ports/time-series-store.ts';
import { isQuantity, QUALITIES, type Quality, type QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { InfluxRow } from './influx-http.ts';

export const MEASUREMENT = 'readings';

const QUALITY_SUFFIX = '_quality';
export const valueField = (quantity: QuantityName): string => quantity;
export const qualityField = (quantity: QuantityName): string => `${quantity}${QUALITY_SUFFIX}`;

/** The quantity that a field is about, or null for a field that is not ours. */
export const quantityOfField = (field: string): QuantityName | null => {
  const name = field.endsWith(QUALITY_SUFFIX) ? field.slice(0, -QUALITY_SUFFIX.length) : field;
  return isQuantity(name) ? name : null;
};

const isQuality = (text: unknown): text is Quality => (QUALITIES as readonly unknown[]).includes(text);

/**
 * One line per reading: a float per quantity, and a quality only when it is not `measured`. A missing value has its
 * quality alone. `rewritten` quantities held another quality, which must then be said even when it is `measured`.
 * Names of points and quantities need no escape: they hold letters, digits and hyphens.
 */
export const readingLine = ({ point, at, values }: StoredReading, rewritten: ReadonlySet<QuantityName>): string | null => {
  const fields = values.flatMap(({ quantity, value, quality }) => {
    if (value !== null && !Number.isFinite(value))
      throw fault('STORE_REFUSED', { what: `${point} ${quantity}`, reason: 'a value is a finite number' });
    const worth: Quality = value === null ? 'missing' : quality;
    const qualityPart = worth === 'measured' && !rewritten.has(quantity) ? [] : [`${qualityField(quantity)}="${worth}"`];
    return value === null ? qualityPart : [`${valueField(quantity)}=${value}`, ...qualityPart];
  });
  return fields.length === 0 ? null : `${MEASUREMENT},point=${point} ${fields.join(',')} ${at}`;
};

/** What a row says of a quantity, or null when it says nothing of it. */
export const valueInRow = (row: InfluxRow, quantity: QuantityName): SeriesValue | null => {
  const value = row[valueField(quantity)];
  const quality = row[qualityField(quantity)];
  if (typeof value !== 'number' && !isQuality(quality)) return null;
  const worth = isQuality(quality) ? quality : 'measured';
  // a value that was replaced by a missing one is still in its field
  const isMissing = worth === 'missing' || typeof value !== 'number';
  return { at: row['time'] as Instant, value: isMissing ? null : value, quality: isMissing ? 'missing' : worth };
};
