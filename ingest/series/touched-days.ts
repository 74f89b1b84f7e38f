import type { StaleHours } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { counterReach } from '#domain/energy/counter-rollup.ts';
import { type BucketSpan, daysBetween } from '#domain/energy/rollup.ts';
import { isCounter, type RolledPoint, type RollupReads, type TouchedDay } from './roll-up-day.ts';

const HOUR_MS = 3_600_000;
/** An hour written so long after its end is late. */
const LATE_MS = 2 * HOUR_MS;

const hourSpan = (at: Instant): BucketSpan => ({ from: at, to: instant(at + HOUR_MS) });

/** The last reading before and the first after what was written: a register's energy is shared between readings, over midnights too. */
const neighbours = async (
  store: RollupReads,
  point: RolledPoint,
  quantities: readonly QuantityName[],
  { from, to }: BucketSpan,
): Promise<BucketSpan> => {
  const reach = counterReach({ from, to });
  const sides = await Promise.all(
    quantities.filter(isCounter).map(async (quantity) => ({
      before: (await store.lastAtOrBefore(point, quantity, instant(from - 1)))?.at ?? from,
      after: (await store.firstAtOrAfter(point, quantity, to))?.at ?? to,
    })),
  );
  return {
    from: instant(Math.min(from, ...sides.map(({ before }) => (before < reach.from ? from : before)))),
    to: instant(Math.max(to, ...sides.map(({ after }) => (after > reach.to ? to : after + 1)))),
  };
};

/** The civil days that writes to these hours may have changed, in order. */
export const touchedDays = async (
  store: RollupReads,
  point: RolledPoint,
  quantities: readonly QuantityName[],
  stale: readonly StaleHours[],
  now: Instant,
): Promise<readonly TouchedDay[]> => {
  const zone = point.bindings[0]?.zone;
  if (zone === undefined) return [];
  const days = new Map<Instant, TouchedDay>();
  for (const { hours } of stale) {
    const spans = hours.map(hourSpan);
    const [first, last] = [spans[0], spans.at(-1)];
    if (first === undefined || last === undefined) continue;
    const written = { from: first.from, to: last.to };
    const wide = await neighbours(store, point, quantities, written);
    for (const span of daysBetween(wide.from, instant(wide.to - 1), zone)) {
      const known = days.get(span.from);
      const inside = spans.filter(({ from, to }) => from < span.to && to > span.from);
      const touched = [...(known?.touched ? [known.touched] : []), ...inside];
      days.set(span.from, {
        span,
        touched: touched.length === 0 ? null : extentOf(touched),
        late: [...(known?.late ?? []), ...inside.filter(({ to }) => now - to > LATE_MS)],
      });
    }
  }
  return [...days.values()].sort((a, b) => a.span.from - b.span.from);
};

const extentOf = (spans: readonly BucketSpan[]): BucketSpan => ({
  from: instant(Math.min(...spans.map(({ from }) => from))),
  to: instant(Math.max(...spans.map(({ to }) => to))),
});
