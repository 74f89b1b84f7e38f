import type { Availability } from '#contract/messages/device.ts';
import type { OrderedOverride } from '#contract/ports/registry.ts';
import type { LightPointAnswer } from '#contract/routes/lighting.ts';
import { type LightPoint, powerTableOf } from '#domain/assets/light-point.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';
import { type LevelReason, overrideBehind } from '#domain/lighting/level-reason.ts';
import { isTargeted, type LightingPlan, lightingPlanFrom } from '#domain/lighting/lighting-plan.ts';
import { type Override, type OverrideTarget, overrideFrom } from '#domain/lighting/override.ts';
import { type ResolvedLevel, resolveLevel } from '#domain/lighting/resolve-level.ts';
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

type WhyAnswer = Omit<LightPointAnswer['why'], 'nextChangeAt'>;

const reasonOf = (why: LevelReason, { programs, calendars }: LightingPlan, { inForce, names }: StreetMoment): WhyAnswer => {
  const nameOf = (by: string): string => names.get(by) ?? by;
  const programName = (id: string): string => programs.find((program) => program.id === id)?.name ?? id;
  const { rung } = why;
  switch (rung) {
    case 'safety':
      return { rung, what: why.reason, by: nameOf(why.by), version: null };
    case 'override':
      return { rung, what: inForce.find(({ id }) => id === why.id)?.reason ?? why.id, by: nameOf(why.by), version: null };
    case 'sensor':
      return { rung, what: why.sensor, by: nameOf(why.program.by), version: why.program.version };
    case 'calendar': {
      const name = calendars?.find(({ id }) => id === why.id)?.name ?? why.id;
      const { id, version, by } = why.program;
      return { rung, what: programName(id), by: nameOf(by), version, calendar: { name, rule: why.rule } };
    }
    case 'program':
      return { rung, what: programName(why.id), by: nameOf(why.by), version: why.version };
    case 'default':
      return { rung, what: 'default', by: null, version: null };
  }
};

/** Light points with the same program and overrides have the same level: it is resolved once for all of them. */
const createResolver = (moment: StreetMoment) => {
  const told = toldTo(moment);
  const resolved = new Map<string, ResolvedLevel>();
  return ({ id, gateway, device }: LightPoint): Obeyed & { readonly resolved: ResolvedLevel } => {
    const obeyed = told.get(gateway);
    if (obeyed === undefined) throw new RangeError(`${id} has no gateway of its site`);
    const { plan, overrides } = obeyed;
    const isOwn = ({ target }: { readonly target: OverrideTarget }) => isTargeted(target, device, plan.groups);
    const own = plan.assignments.findLast(isOwn);
    const floors = (plan.safetyFloors ?? []).filter(isOwn);
    const key = [
      gateway,
      own?.program ?? '',
      own?.calendar ?? '',
      ...[...floors, ...overrides.filter(isOwn)].map(({ id: covering }) => covering),
    ].join();
    const known = resolved.get(key) ?? resolveLevel({ device, plan, overrides, at: moment.at });
    resolved.set(key, known);
    return { plan, overrides, resolved: known };
  };
};

const askedOf = (resolved: ResolvedLevel, plan: LightingPlan, moment: StreetMoment) => ({
  askedLevelPercent: resolved.levelPercent,
  why: {
    ...reasonOf(resolved.why, plan, moment),
    nextChangeAt: resolved.nextChangeAt === null ? null : formatInstant(resolved.nextChangeAt),
  },
  override: overrideBehind(resolved.why)?.id ?? null,
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
    const { plan, resolved } = levelOf(light);
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
      ...askedOf(resolved, plan, moment),
    };
  });
};
