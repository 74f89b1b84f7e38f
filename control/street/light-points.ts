import type { Availability } from '#contract/messages/device.ts';
import type { OrderedOverride } from '#contract/ports/registry.ts';
import type { LightPointAnswer } from '#contract/routes/lighting.ts';
import { type LightPoint, powerTableOf } from '#domain/assets/light-point.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';
import {
  isTargeted,
  type LightingPlan,
  lightingPlanFrom,
  overrideFrom,
  type ResolvedLevel,
  resolveLevel,
} from '#domain/lighting/resolve-level.ts';
import { type LightingSite, overridesContent, programsContent } from '../programs/desired-documents.ts';
import { figureOf, type LatestValues, stateOf } from './figures.ts';
import { observeLevel } from './observed-level.ts';

export interface StreetMoment {
  readonly lighting: LightingSite;
  readonly inForce: readonly OrderedOverride[];
  readonly latest: ReadonlyMap<PointId, LatestValues>;
  readonly names: ReadonlyMap<string, string>;
  readonly availabilityOf: (light: LightPoint) => Availability['state'] | 'unknown';
  readonly at: Instant;
  /** Civil seconds in one elapsed second. */
  readonly speed: number;
}

interface Obeyed {
  readonly plan: LightingPlan;
  readonly overrides: readonly Override[];
}

/** What each gateway was told, so that the centre resolves levels from the very same documents. */
const toldTo = ({ lighting, inForce }: StreetMoment): ReadonlyMap<GatewayId, Obeyed> =>
  new Map(
    lighting.assets.gateways.map(({ id }) => {
      const plan = lightingPlanFrom(programsContent(id, lighting));
      return [id, { plan, overrides: overridesContent(id, lighting.assets, inForce).overrides.map(overrideFrom) }];
    }),
  );

const whyOf = (
  { why, nextChangeAt }: ResolvedLevel,
  programs: readonly ControlProgram[],
  { inForce, names }: StreetMoment,
): LightPointAnswer['why'] => {
  const next = nextChangeAt === null ? null : formatInstant(nextChangeAt);
  switch (why.rung) {
    case 'override':
      return {
        rung: 'override',
        what: inForce.find(({ id }) => id === why.id)?.reason ?? why.id,
        by: names.get(why.by) ?? why.by,
        version: null,
        nextChangeAt: next,
      };
    case 'program':
      return {
        rung: 'program',
        what: programs.find(({ id }) => id === why.id)?.name ?? why.id,
        by: names.get(why.by) ?? why.by,
        version: why.version,
        nextChangeAt: next,
      };
    case 'default':
      return { rung: 'default', what: 'default', by: null, version: null, nextChangeAt: next };
  }
};

/** Light points with the same program and overrides have the same level: it is resolved once for all of them. */
const createResolver = (moment: StreetMoment) => {
  const told = toldTo(moment);
  const resolved = new Map<string, ResolvedLevel>();
  return ({ id, gateway, device }: LightPoint): ResolvedLevel => {
    const obeyed = told.get(gateway);
    if (obeyed === undefined) throw new RangeError(`${id} has no gateway of its site`);
    const { plan, overrides } = obeyed;
    const isOwn = ({ target }: { readonly target: OverrideTarget }) => isTargeted(target, device, plan.groups);
    const key = [
      gateway,
      plan.assignments.findLast(isOwn)?.program ?? '',
      ...overrides.filter(isOwn).map((own) => own.id),
    ].join();
    const known = resolved.get(key) ?? resolveLevel({ device, plan, overrides, at: moment.at });
    resolved.set(key, known);
    return known;
  };
};

const askedOf = (resolved: ResolvedLevel, moment: StreetMoment) => ({
  askedLevelPercent: resolved.levelPercent,
  why: whyOf(resolved, moment.lighting.programs, moment),
  override: resolved.why.rung === 'override' ? resolved.why.id : null,
});

const observedOf = (light: LightPoint, values: LatestValues | undefined, { lighting, speed }: StreetMoment) => {
  const model = lighting.assets.luminaireModels.find(({ id }) => id === light.luminaireModel);
  if (model === undefined) throw new RangeError(`${light.id} has no luminaire model`);
  const known = (quantity: 'effectiveLevelPercent' | 'activePowerW') => {
    const latest = values?.get(quantity);
    return { value: latest?.value ?? null, at: latest?.at ?? null };
  };
  return observeLevel(powerTableOf(model, light.ratedPowerW), known('effectiveLevelPercent'), known('activePowerW'), speed);
};

/** Asked, in effect and observed, for each light point of a street, in the order of their labels. */
export const lightPointAnswers = (moment: StreetMoment): LightPointAnswer[] => {
  const { assets } = moment.lighting;
  const levelOf = createResolver(moment);
  return assets.lightPoints.map((light) => {
    const values = moment.latest.get(light.point);
    return {
      id: light.id,
      label: light.label,
      groups: assets.groups.filter(({ members }) => members.includes(light.id)).map(({ id }) => id),
      ratedPowerW: light.ratedPowerW,
      commandedLevelPercent: figureOf(values, 'commandedLevelPercent'),
      effectiveLevelPercent: figureOf(values, 'effectiveLevelPercent'),
      activePowerW: figureOf(values, 'activePowerW'),
      ...observedOf(light, values, moment),
      gearTemperatureC: figureOf(values, 'gearTemperatureC'),
      activeEnergyWh: figureOf(values, 'activeEnergyWh'),
      operatingHoursH: figureOf(values, 'operatingHoursH'),
      lampFailure: stateOf(values, 'lampFailure'),
      availability: moment.availabilityOf(light),
      ...askedOf(levelOf(light), moment),
    };
  });
};
