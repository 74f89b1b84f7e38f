import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { AssetsRegistry, LightingRegistry } from '#contract/ports/registry.ts';
import type { SeriesValue, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { Figure } from '#contract/routes/fields.ts';
import type { BuildingAnswer } from '#contract/routes/housing.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementPoint } from '#domain/assets/measurement-point.ts';
import type { Site } from '#domain/assets/site.ts';
import { addDays, civilDateOf, formatInstant, type Instant, startOfDay } from '#domain/civil-time.ts';
import { DAY_BOUNDARY, type RegisterCount } from '#domain/energy/cumulative-register.ts';
import { energyBySteps, meanPowerOf } from '#domain/energy/load-curve.ts';
import { type Energy, MISSING_ENERGY } from '#domain/energy/reading.ts';
import { costOfDay } from '#domain/energy/tariff.ts';
import type { PublishableCell } from '#domain/housing/aggregation-rule.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { minutes } from '#domain/units.ts';
import { replacementsOf } from './counted-points.ts';
import type { PublishableCells } from './publishable-cells.ts';
import { countOf, readRegisterAround } from './register-readings.ts';
import { amountOf, readTariff, tariffAnswer } from './tariff-of.ts';
import type { TodayReadings } from './today-readings.ts';

export interface BuildingMeans {
  readonly store: Pick<TimeSeriesStore, 'latest' | 'lastAtOrBefore' | 'firstAtOrAfter'>;
  readonly housing: HousingRegistry;
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly lighting: Pick<LightingRegistry, 'gatewayState'>;
  readonly cells: Pick<PublishableCells, 'cellOf'>;
  readonly today: TodayReadings;
  readonly clock: Clock;
  readonly field: 'simulated' | 'real';
}

const CURVE_STEP = minutes(30);
const UNKNOWN: Figure = { value: null, at: null, quality: 'missing' };

const figureOf = (value: SeriesValue | undefined): Figure =>
  value === undefined ? UNKNOWN : { value: value.value, at: formatInstant(value.at), quality: value.quality };

const energyFigure = ({ energyWh, quality }: Energy, at: Instant | null): Figure =>
  energyWh === null || at === null ? UNKNOWN : { value: energyWh, at: formatInstant(at), quality };

const cellAnswer = (cell: PublishableCell): BuildingAnswer['dwellings'] =>
  cell.state === 'masked'
    ? cell
    : {
        state: cell.state,
        date: cell.date,
        energyWh: Math.round(cell.energyWh),
        dwellings: cell.members.length,
        quality: cell.quality,
      };

const todayOf = (count: RegisterCount, midnight: Instant, now: Instant) => {
  const energy =
    count.last === null || count.last <= midnight ? MISSING_ENERGY : count.between(midnight, count.last, DAY_BOUNDARY);
  const steps = energyBySteps(count, midnight, now, CURVE_STEP);
  return { energy, curve: steps.map((step) => meanPowerOf(step, CURVE_STEP)) };
};

const readCommonParts = async (
  means: BuildingMeans,
  { site, bindings }: { readonly site: Site; readonly bindings: FieldAssets['bindings'] },
  point: MeasurementPoint,
  now: Instant,
): Promise<BuildingAnswer['commonParts']> => {
  const date = civilDateOf(now, site.zone);
  const yesterday = addDays(date, -1);
  const [before, midnight] = [startOfDay(yesterday, site.zone), startOfDay(date, site.zone)];
  const counted = { point: point.id, privacy: point.privacy, replacedAt: replacementsOf(point.id, bindings) };
  const [latest, todayReadings, aroundYesterday, tariff] = await Promise.all([
    means.store.latest([{ point: point.id, privacy: point.privacy }]),
    means.today.since(counted, midnight, now),
    readRegisterAround(means.store, counted, [before, midnight]),
    readTariff(means.housing, site.id),
  ]);
  const count = countOf(todayReadings, counted);
  const { energy, curve } = todayOf(count, midnight, now);
  const energyYesterday = countOf(aroundYesterday, counted).between(before, midnight, DAY_BOUNDARY);
  return {
    activePowerW: figureOf(latest.get(point.id)?.get('activePowerW')),
    todayWh: energyFigure(energy, count.last),
    today: amountOf(costOfDay(tariff(date), date, energy)),
    yesterdayWh: energyFigure(energyYesterday, midnight),
    curve: { stepSeconds: CURVE_STEP, startsAt: formatInstant(midnight), meanPowerW: curve },
    tariff: tariffAnswer(tariff(date), date),
  };
};

const lastReadingOf = async (means: BuildingMeans, points: readonly MeasurementPoint[]): Promise<string | null> => {
  const operational = points.filter(({ privacy }) => privacy === 'operational');
  const latest = await means.store.latest(operational.map(({ id, privacy }) => ({ point: id, privacy })));
  const instants = [...latest.values()].flatMap((values) => [...values.values()].map(({ at }) => at));
  return instants.length === 0 ? null : formatInstant(instants.reduce((a, b) => (a > b ? a : b)));
};

/** What a landlord reads of a building: its common parts live, its dwellings as one cell of yesterday. `NOT_FOUND` for anything else. */
export const readBuildingOf = async (means: BuildingMeans, id: SiteId): Promise<BuildingAnswer> => {
  const standing = await means.assets.siteAssets(id);
  const site = standing?.sites[0];
  const point = standing?.points.find(({ use }) => use === 'common-parts');
  const gateway = standing?.gateways[0];
  if (standing === null || site?.kind !== 'building' || point === undefined || gateway === undefined) throw fault('NOT_FOUND');
  const now = means.clock.civilNow();
  const yesterday = addDays(civilDateOf(now, site.zone), -1);
  const [commonParts, cell, state, lastReadingAt] = await Promise.all([
    readCommonParts(means, { site, bindings: standing.bindings }, point, now),
    means.cells.cellOf(id, yesterday, site.zone),
    means.lighting.gatewayState(gateway.id),
    lastReadingOf(means, standing.points),
  ]);
  return {
    site: id,
    name: site.name,
    field: means.field,
    timeZone: site.zone,
    now: formatInstant(now),
    clockSpeed: means.clock.speed,
    commonParts,
    dwellings: cellAnswer(cell),
    gateway: { id: gateway.id, state: state?.state ?? 'unknown', since: state === null ? null : formatInstant(state.since) },
    lastReadingAt,
  };
};
