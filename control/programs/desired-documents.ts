import type { ConsentsDocument, OverridesDocument, ProgramsDocument } from '#contract/messages/documents.ts';
import type { GrainPeriod } from '#contract/ports/ingest-registry.ts';
import type { LightTarget, OrderedOverride, ProgramAssignment } from '#contract/ports/registry.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { powerTableOf } from '#domain/assets/light-point.ts';
import type { Site } from '#domain/assets/site.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { OverrideTarget } from '#domain/lighting/override.ts';

type Content<D> = Omit<D, 'revision' | 'hash'>;
export type ProgramsContent = Content<ProgramsDocument>;
export type OverridesContent = Content<OverridesDocument>;
export type ConsentsContent = Content<ConsentsDocument>;

/** A site as its documents need it. */
export interface LightingSite {
  readonly site: Site;
  readonly assets: FieldAssets;
  readonly programs: readonly ControlProgram[];
  readonly assignments: readonly ProgramAssignment[];
}

/** Full light, when no program governs a light point: a street is rather lit than dark (TALQ defaultLightState). */
const DEFAULT_LEVEL_PERCENT = 100;

/** Light points and groups that one gateway carries. */
const carriedBy = (gateway: GatewayId, assets: FieldAssets) => {
  const lightPoints = assets.lightPoints.filter((light) => light.gateway === gateway);
  const deviceOf = new Map(lightPoints.map(({ id, device }) => [id, device]));
  const groups = assets.groups
    .map(({ id, members }) => ({ id, members: members.flatMap((member) => deviceOf.get(member) ?? []) }))
    .filter(({ members }) => members.length > 0);
  return { lightPoints, deviceOf, groups };
};

/** The same target in the words of a gateway, or null when it carries nothing of it. */
const targetAt = (target: LightTarget, carried: ReturnType<typeof carriedBy>): OverrideTarget | null => {
  switch (target.kind) {
    case 'all':
      return carried.lightPoints.length > 0 ? target : null;
    case 'group':
      return carried.groups.some(({ id }) => id === target.group) ? target : null;
    case 'light-point': {
      const device = carried.deviceOf.get(target.lightPoint);
      return device === undefined ? null : { kind: 'device', device };
    }
  }
};

export const programsContent = (gateway: GatewayId, lighting: LightingSite): ProgramsContent => {
  const { site, assets } = lighting;
  const carried = carriedBy(gateway, assets);
  const modelOf = new Map(assets.luminaireModels.map((model) => [model.id, model]));
  const assignments = lighting.assignments.flatMap(({ target, program }) => {
    const own = targetAt(target, carried);
    return own === null ? [] : [{ target: own, program }];
  });
  const assigned = new Set(assignments.map(({ program }) => program));
  return {
    timeZone: site.zone,
    position: site.position,
    defaultLevelPercent: DEFAULT_LEVEL_PERCENT,
    lightPoints: carried.lightPoints.flatMap(({ device, ratedPowerW, luminaireModel }) => {
      const model = modelOf.get(luminaireModel);
      return model === undefined ? [] : [{ device, ratedPowerW, powerTable: [...powerTableOf(model, ratedPowerW)] }];
    }),
    groups: carried.groups,
    programs: lighting.programs.filter(({ id }) => assigned.has(id)),
    assignments,
  };
};

/** `inForce`: overrides of the site that have not ended. */
export const overridesContent = (
  gateway: GatewayId,
  assets: FieldAssets,
  inForce: readonly OrderedOverride[],
): OverridesContent => {
  const carried = carriedBy(gateway, assets);
  return {
    overrides: inForce.flatMap(({ id, target, levelPercent, startsAt, endsAt, by, reason }) => {
      const own = targetAt(target, carried);
      if (own === null) return [];
      return [{ id, target: own, levelPercent, startsAt: formatInstant(startsAt), endsAt: formatInstant(endsAt), by, reason }];
    }),
  };
};

/** Only consents that hold at this instant; a dwelling point that is absent publishes one value a day. */
export const consentsContent = (site: Site, grains: readonly GrainPeriod[], at: Instant): ConsentsContent => ({
  timeZone: site.zone,
  points: grains
    .filter(({ grain, from, to }) => grain !== 'day' && from <= at && (to === null || at < to))
    .map(({ point, grain }) => ({ point, displayGrain: grain, control: false, inactivityWatch: false })),
});
