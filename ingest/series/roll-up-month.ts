import type { StoredRollup } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { instant } from '#domain/civil-time.ts';
import { mergeCounter, rollUpCounter } from '#domain/energy/counter-rollup.ts';
import { mergeMeasure } from '#domain/energy/measure-rollup.ts';
import { type BucketSpan, daysBetween, flagsOf, type RollupBucket } from '#domain/energy/rollup.ts';
import { isCounter, type RolledPoint, type RollupReads, samplesAround, traitsOf } from './roll-up-day.ts';

/** Two days that follow one another without a value hide what a register counted: only the month can say it. */
const hidesEnergy = (days: readonly RollupBucket[], expected: number): boolean =>
  days.length < expected || days.some(({ value }) => value === null);

/**
 * A civil month out of its days. Where days of a counter say nothing, out of the register itself: what it counted over a
 * long silence belongs to the month, even if nobody knows to which day.
 */
export const rollUpMonth = async (
  store: RollupReads,
  point: RolledPoint,
  quantity: QuantityName,
  span: BucketSpan,
  days: readonly RollupBucket[],
): Promise<StoredRollup> => {
  const zone = point.bindings[0]?.zone;
  if (zone === undefined) throw new RangeError(`${point.point} is measured nowhere`);
  const spans = new Map(daysBetween(span.from, instant(span.to - 1), zone).map((day) => [day.from, day.to - day.from]));
  const parts = days.map((day) => ({ ...day, lengthMs: spans.get(day.at) ?? 0 }));
  const merged = isCounter(quantity) ? mergeCounter(span, parts) : mergeMeasure(span, parts);
  const stored = (bucket: RollupBucket): StoredRollup => ({
    point: point.point,
    privacy: point.privacy,
    quantity,
    step: 'month',
    bucket,
  });
  if (!isCounter(quantity) || !hidesEnergy(days, spans.size)) return stored(merged);
  const samples = await samplesAround(store, point, quantity, span);
  const [counted] = rollUpCounter(samples, [span], 'month', traitsOf(point, quantity));
  return stored(
    counted === undefined
      ? merged
      : {
          ...counted,
          flags: flagsOf(
            counted.flags,
            merged.flags.filter((flag) => flag !== 'gap'),
          ),
        },
  );
};
