import { fault } from '#contract/errors.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { SeriesSelection, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { QUANTITIES } from '#contract/quantities.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { readSeries, SERIES_LIMIT } from '#contract/routes/series.ts';
import { formatInstant, type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { Principal } from '#domain/people/permission.ts';

export interface SeriesRouteDependencies {
  readonly store: TimeSeriesStore;
  readonly registry: Pick<IngestRegistry, 'bindingsOfPoint'>;
  readonly housing: Pick<HousingRegistry, 'dwellingAt'>;
}

interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

const withinTenancy = async (
  housing: SeriesRouteDependencies['housing'],
  principal: Principal,
  point: PointId,
  { from, to }: Period,
): Promise<Period> => {
  const dwelling = await housing.dwellingAt(point);
  const hat = principal.hats.find((worn) => worn.role === 'tenant' && worn.dwelling === dwelling?.id);
  if (hat?.role !== 'tenant') throw fault('NOT_FOUND');
  return { from: instant(Math.max(from, hat.from)), to: instant(Math.min(to, hat.to ?? to)) };
};

/** `GET /api/v1/series`. The server has checked the permission on the point; here a tenant's period is cut to the tenancy. */
export const seriesRoutes = ({ store, registry, housing }: SeriesRouteDependencies): readonly MountedRoute[] => [
  mount(readSeries, async ({ query: { point, quantity, from, to }, principal }) => {
    const [binding] = await registry.bindingsOfPoint(point);
    if (binding === undefined) throw fault('NOT_FOUND');
    const asked: Period = { from: parseInstant(from), to: parseInstant(to) };
    if (asked.to <= asked.from) throw fault('REQUEST_INVALID', { path: 'to', problem: 'must be later than from' });
    const period = binding.privacy === 'dwelling' ? await withinTenancy(housing, principal, point, asked) : asked;
    const selection: SeriesSelection = { point, privacy: binding.privacy, quantity, ...period };
    const values = await store.series(selection, SERIES_LIMIT + 1);
    if (values.length > SERIES_LIMIT)
      throw fault('SELECTION_TOO_LARGE', { found: `more than ${SERIES_LIMIT}`, limit: SERIES_LIMIT });
    return {
      point,
      quantity,
      unit: QUANTITIES[quantity].unit,
      values: values.map(({ at, value, quality }) => ({ at: formatInstant(at), value, quality })),
    };
  }),
];
