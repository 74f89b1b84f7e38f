import { fault } from '#contract/errors.ts';
import type { PointReference, SeriesValue } from '#contract/ports/time-series-store.ts';
import { QUALITIES, QUANTITIES, type Quality, type QuantityName } from '#contract/quantities.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { EXPORT_LIMIT, exportSeries, readCoverage, readLatest, readSeries, SERIES_LIMIT } from '#contract/routes/series.ts';
import { civilDateOf, formatInstant, type Instant } from '#domain/civil-time.ts';
import { daysBetween } from '#domain/energy/rollup.ts';
import { exportAnswer } from './export-lines.ts';
import { readLines, refuseTooMany, type SeriesLine } from './read-values.ts';
import { chooseSeries, type SeriesChoice, type SeriesRouteDependencies, scopeOf } from './series-selection.ts';

const SECOND_MS = 1_000;
const ageSeconds = (at: Instant, now: Instant): number => Math.max(0, Math.round((now - at) / SECOND_MS));

const worstOf = (qualities: readonly Quality[]): Quality =>
  QUALITIES[Math.max(...qualities.map((quality) => QUALITIES.indexOf(quality)))] ?? 'missing';

/** Share of the period that day buckets say is covered; days without any bucket are not. */
const coverageOf = async ({ store }: SeriesRouteDependencies, { reference, quantity, zone, from, to }: SeriesChoice) => {
  if (to <= from) return 0;
  const days = daysBetween(from, (to - 1) as Instant, zone);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const buckets = await store.rollups({ ...reference, quantity, step: 'day', from: first.from, to: last.to });
  const shares = new Map(buckets.map(({ at, coverage }) => [at, coverage]));
  const covered = days.reduce((sum, day) => {
    const asked = Math.min(day.to, to) - Math.max(day.from, from);
    return sum + Math.min(asked, (day.to - day.from) * (shares.get(day.from) ?? 0));
  }, 0);
  return Math.min(1, covered / (to - from));
};

/** The newest reading, unless it was read under another tenant. */
const latestOf = async ({ store }: SeriesRouteDependencies, { reference, quantity, shownFrom, lastEnd }: SeriesChoice) => {
  const found = (await store.latest([reference])).get(reference.point)?.get(quantity);
  return found !== undefined && found.at >= shownFrom && found.at < lastEnd ? found : null;
};

const readWhole = async ({ store }: SeriesRouteDependencies, choice: SeriesChoice): Promise<readonly SeriesLine[]> => {
  refuseTooMany(choice, SERIES_LIMIT);
  const lines = await readLines(store, choice, choice, SERIES_LIMIT + 1);
  if (lines.length > SERIES_LIMIT)
    throw fault('SELECTION_TOO_LARGE', { found: `more than ${SERIES_LIMIT}`, limit: SERIES_LIMIT });
  return lines;
};

const latestValue = (quantity: QuantityName, { at, value, quality }: SeriesValue, now: Instant) => ({
  quantity,
  unit: QUANTITIES[quantity].unit,
  at: formatInstant(at),
  ageSeconds: ageSeconds(at, now),
  value,
  quality,
});

/** Everything under `/api/v1/series`. The server has checked the permission on the point; a tenant's period is cut to the tenancy. */
export const seriesRoutes = (deps: SeriesRouteDependencies): readonly MountedRoute[] => {
  const { store, rollups, clock } = deps;
  const freshen = (reference: PointReference): Promise<boolean> => rollups.freshen(reference, clock.civilNow());

  return [
    mount(readSeries, async ({ query, principal }) => {
      const choice = await chooseSeries(deps, principal, query);
      const upToDate = await freshen(choice.reference);
      const values = await readWhole(deps, choice);
      const latest = await latestOf(deps, choice);
      const { point, quantity, step } = query;
      return {
        point,
        quantity,
        unit: QUANTITIES[quantity].unit,
        step,
        ...(choice.aggregate === undefined ? {} : { aggregate: choice.aggregate }),
        zone: choice.zone,
        values: values.map(({ at, flags, ...line }) => ({
          at: choice.write(at),
          ...line,
          ...(flags === undefined ? {} : { flags: [...flags] }),
        })),
        coverage: await coverageOf(deps, choice),
        quality: worstOf(values.map(({ quality }) => quality)),
        latestAt: latest === null ? null : choice.write(latest.at),
        ageSeconds: latest === null ? null : ageSeconds(latest.at, clock.civilNow()),
        upToDate,
      };
    }),
    mount(readLatest, async ({ query: { point }, principal }) => {
      const { reference, from, to } = await scopeOf(deps, principal, point);
      const latest = (await store.latest([reference])).get(point) ?? new Map<QuantityName, SeriesValue>();
      const own = [...latest].filter(([, { at }]) => at >= from && at < to);
      const now = clock.civilNow();
      return { point, values: own.map(([quantity, value]) => latestValue(quantity, value, now)) };
    }),
    mount(readCoverage, async ({ query, principal }) => {
      const choice = await chooseSeries(deps, principal, { ...query, step: 'day' });
      const upToDate = await freshen(choice.reference);
      const days = await readWhole(deps, choice);
      return {
        point: query.point,
        quantity: query.quantity,
        zone: choice.zone,
        coverage: await coverageOf(deps, choice),
        days: days.map(({ at, coverage = 0, quality, flags = [] }) => ({
          date: civilDateOf(at, choice.zone),
          coverage,
          quality,
          flags: [...flags],
        })),
        upToDate,
      };
    }),
    mount(exportSeries, async ({ query, principal }) => {
      const choice = await chooseSeries(deps, principal, query);
      refuseTooMany(choice, EXPORT_LIMIT);
      await freshen(choice.reference);
      return exportAnswer(store, choice, query.format);
    }),
  ];
};
