import { fault, reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { PointReference, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { AGGREGATES, SeriesStep } from '#contract/routes/series.ts';
import {
  formatInstant,
  formatInZone,
  type Instant,
  instant,
  LAST_INSTANT,
  parseInstant,
  type TimeZone,
  timeZone,
} from '#domain/civil-time.ts';
import { shownFrom } from '#domain/energy/retention.ts';
import type { PointId } from '#domain/identifiers.ts';
import type { Principal } from '#domain/people/permission.ts';
import { isCounter } from './roll-up-day.ts';
import type { RollupKeeper } from './rollup-keeper.ts';

export interface SeriesRouteDependencies {
  readonly store: TimeSeriesStore;
  readonly registry: Pick<IngestRegistry, 'bindingsOfPoint'>;
  readonly housing: Pick<HousingRegistry, 'dwellingAt'>;
  readonly rollups: Pick<RollupKeeper, 'freshen'>;
  readonly clock: Clock;
}

type Aggregate = (typeof AGGREGATES)[number];

export interface Period {
  readonly from: Instant;
  readonly to: Instant;
}

export interface AskedSeries {
  readonly point: PointId;
  readonly quantity: QuantityName;
  readonly from: string;
  readonly to: string;
  readonly step: SeriesStep;
  readonly aggregate?: Aggregate | undefined;
  readonly zone?: string | undefined;
}

/** What is read for one person: never more than the point's keeping, its tenancy and its retention allow. */
export interface SeriesChoice extends Period {
  readonly reference: PointReference;
  readonly quantity: QuantityName;
  readonly step: SeriesStep;
  readonly aggregate: Aggregate | undefined;
  /** Of the site. */
  readonly zone: TimeZone;
  /** Nothing from before is shown, whatever the period. */
  readonly shownFrom: Instant;
  /** A bucket that ends later belongs to somebody else too. */
  readonly lastEnd: Instant;
  write(at: Instant): string;
}

interface Scope extends Period {
  readonly reference: PointReference;
  readonly zone: TimeZone;
}

/** Where a point is kept, and between which instants this person may read it. The server has checked the permission on the point. */
export const scopeOf = async (
  { registry, housing }: Pick<SeriesRouteDependencies, 'registry' | 'housing'>,
  principal: Principal,
  point: PointId,
): Promise<Scope> => {
  const [binding] = await registry.bindingsOfPoint(point);
  if (binding === undefined) throw fault('NOT_FOUND');
  const { privacy, zone } = binding;
  const reference = { point, privacy };
  if (privacy === 'operational') return { reference, zone, from: instant(0), to: LAST_INSTANT };
  const dwelling = await housing.dwellingAt(point);
  const hat = principal.hats.find((worn) => worn.role === 'tenant' && worn.dwelling === dwelling?.id);
  if (hat?.role !== 'tenant') throw fault('NOT_FOUND');
  return { reference, zone, from: hat.from, to: hat.to ?? LAST_INSTANT };
};

const aggregateOf = ({ quantity, step, aggregate }: AskedSeries): Aggregate | undefined => {
  const invalid = (problem: string) => fault('REQUEST_INVALID', { path: 'aggregate', problem });
  if (step === 'reading') {
    if (aggregate !== undefined) throw invalid('readings are not aggregated: choose a step');
    return undefined;
  }
  if (isCounter(quantity)) {
    if (aggregate !== undefined && aggregate !== 'sum') throw invalid(`${quantity} is a counter: ask its sum`);
    return 'sum';
  }
  if (aggregate === 'sum') throw invalid(`${quantity} is no counter: ask its mean, min or max; energy comes from registers`);
  return aggregate ?? 'mean';
};

const writerIn = (zone: string | undefined): ((at: Instant) => string) => {
  if (zone === undefined) return formatInstant;
  try {
    const named = timeZone(zone);
    return (at) => formatInZone(at, named);
  } catch (thrown) {
    throw fault('REQUEST_INVALID', { path: 'zone', problem: reasonOf(thrown) }, thrown);
  }
};

/** Throws `NOT_FOUND` or `REQUEST_INVALID`. */
export const chooseSeries = async (
  deps: Pick<SeriesRouteDependencies, 'registry' | 'housing' | 'clock'>,
  principal: Principal,
  asked: AskedSeries,
): Promise<SeriesChoice> => {
  const { point, quantity, step } = asked;
  const scope = await scopeOf(deps, principal, point);
  const period: Period = { from: parseInstant(asked.from), to: parseInstant(asked.to) };
  if (period.to <= period.from) throw fault('REQUEST_INVALID', { path: 'to', problem: 'must be later than from' });
  const kind = step === 'reading' ? 'readings' : step;
  const kept = shownFrom(scope.reference.privacy, kind, deps.clock.civilNow());
  const shown = instant(Math.max(scope.from, kept));
  return {
    reference: scope.reference,
    quantity,
    step,
    aggregate: aggregateOf(asked),
    zone: scope.zone,
    from: instant(Math.max(period.from, shown)),
    to: instant(Math.min(period.to, scope.to)),
    shownFrom: shown,
    lastEnd: scope.to,
    write: writerIn(asked.zone),
  };
};
