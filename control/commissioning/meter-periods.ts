import type { SeriesValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { MeterPeriod } from '#contract/routes/commissioning.ts';
import type { Figure } from '#contract/routes/fields.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementBinding, MeasurementPoint } from '#domain/assets/measurement-point.ts';
import { formatInstant, type Instant, instant } from '#domain/civil-time.ts';

type Series = Pick<TimeSeriesStore, 'series'>;

/** The last index of a meter is looked for this long before it went. */
const BEFORE_END_MS = 3_600_000;
const READINGS_BEFORE_END = 5_000;
/** Missing values that may come before its first. */
const READINGS_OF_FIRST = 100;

const UNKNOWN: Figure = { value: null, at: null, quality: 'missing' };

const figure = (found: SeriesValue | undefined): Figure =>
  found === undefined ? UNKNOWN : { value: found.value, at: formatInstant(found.at), quality: found.quality };

const isRead = ({ value }: SeriesValue): boolean => value !== null;

const indexes = async (point: MeasurementPoint, from: Instant, to: Instant, limit: number, store: Series) => {
  const { id, privacy } = point;
  const selection = { point: id, privacy, quantity: 'energyImportedWh', from, to } as const;
  return (await store.series(selection, limit)).filter(isRead);
};

const periodOf = async (
  { meter, device, from, to }: MeasurementBinding,
  point: MeasurementPoint,
  { meters }: FieldAssets,
  now: Instant,
  store: Series,
): Promise<MeterPeriod> => {
  const known = meters.find(({ id }) => id === meter);
  const end = to ?? instant(now + 1);
  const isPersonal = point.privacy === 'dwelling';
  const beforeEnd = instant(Math.max(from, end - BEFORE_END_MS));
  return {
    meter,
    model: known === undefined ? null : `${known.maker} ${known.model}`,
    device,
    from: formatInstant(from),
    to: to === null ? null : formatInstant(to),
    first: isPersonal ? UNKNOWN : figure((await indexes(point, from, end, READINGS_OF_FIRST, store))[0]),
    last: isPersonal ? UNKNOWN : figure((await indexes(point, beforeEnd, end, READINGS_BEFORE_END, store)).at(-1)),
  };
};

/** Which meters measured a point, newest first, with the indexes that were read when each came and when it went. */
export const meterPeriods = async (
  point: MeasurementPoint,
  assets: FieldAssets,
  now: Instant,
  store: Series,
): Promise<readonly MeterPeriod[]> => {
  const own = assets.bindings.filter((binding) => binding.point === point.id).toSorted((a, b) => b.from - a.from);
  return Promise.all(own.map((binding) => periodOf(binding, point, assets, now, store)));
};
