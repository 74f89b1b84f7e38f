import type { Instant, TimeZone } from '#domain/civil-time.ts';
import { parseInstant, timeZone } from '#domain/civil-time.ts';
import type { DeviceId, GroupId } from '#domain/identifiers.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';
import { courseOf, type ProgramCourse } from '#domain/lighting/program-level.ts';
import type { Position } from '#domain/lighting/sun.ts';

/** The parts of desired state that decide a level: those of the `programs` document. */
export interface LightingPlan {
  readonly timeZone: TimeZone;
  readonly position: Position;
  /** Level of a light point that no program governs, 0 to 100 % of full light. */
  readonly defaultLevelPercent: number;
  readonly groups: readonly { readonly id: GroupId; readonly members: readonly DeviceId[] }[];
  readonly programs: readonly ControlProgram[];
  /** The last assignment that covers a device is its own. */
  readonly assignments: readonly { readonly target: OverrideTarget; readonly program: string }[];
}

/** Why a light has its level: the rung of the ladder that won. */
export type LevelReason =
  | { readonly rung: 'override'; readonly id: string; readonly by: string; readonly endsAt: Instant }
  | { readonly rung: 'program'; readonly id: string; readonly version: number; readonly by: string; readonly active: boolean }
  | { readonly rung: 'default' };

export interface ResolvedLevel {
  readonly levelPercent: number;
  readonly why: LevelReason;
  /** When the level or its reason is next decided anew; null when the program foresees nothing within two days. */
  readonly nextChangeAt: Instant | null;
}

export interface LevelQuestion {
  readonly device: DeviceId;
  readonly plan: LightingPlan;
  readonly overrides: readonly Override[];
  readonly at: Instant;
}

/** Dates written as ISO text become instants. */
export const overrideFrom = (
  written: Omit<Override, 'startsAt' | 'endsAt'> & { readonly startsAt: string; readonly endsAt: string },
): Override => ({ ...written, startsAt: parseInstant(written.startsAt), endsAt: parseInstant(written.endsAt) });

/** The plan inside a `programs` document. */
export const lightingPlanFrom = (document: Omit<LightingPlan, 'timeZone'> & { readonly timeZone: string }): LightingPlan => ({
  timeZone: timeZone(document.timeZone),
  position: document.position,
  defaultLevelPercent: document.defaultLevelPercent,
  groups: document.groups,
  programs: document.programs,
  assignments: document.assignments,
});

/** Whether a target covers a device, through the plan's groups. */
export const isTargeted = (target: OverrideTarget, device: DeviceId, groups: LightingPlan['groups']): boolean => {
  switch (target.kind) {
    case 'all':
      return true;
    case 'device':
      return target.device === device;
    case 'group':
      return groups.some((group) => group.id === target.group && group.members.includes(device));
  }
};

const programOf = (device: DeviceId, plan: LightingPlan): ControlProgram | undefined => {
  const assignment = plan.assignments.findLast(({ target }) => isTargeted(target, device, plan.groups));
  return plan.programs.find((program) => program.id === assignment?.program);
};

/** The override in force: of those begun and not ended, the last begun; between two begun together, the last in the list. */
const overrideInForce = (overrides: readonly Override[], at: Instant): Override | null =>
  overrides.reduce<Override | null>((winner, candidate) => {
    if (at < candidate.startsAt || at >= candidate.endsAt) return winner;
    return winner === null || candidate.startsAt >= winner.startsAt ? candidate : winner;
  }, null);

interface GoverningProgram {
  readonly program: ControlProgram;
  readonly course: ProgramCourse;
}

interface Decision {
  readonly levelPercent: number;
  readonly why: LevelReason;
}

const decide = (
  { defaultLevelPercent }: LightingPlan,
  governing: GoverningProgram | null,
  override: Override | null,
  at: Instant,
): Decision => {
  if (override !== null) {
    const { id, by, endsAt, levelPercent } = override;
    return { levelPercent, why: { rung: 'override', id, by, endsAt } };
  }
  if (governing === null) return { levelPercent: defaultLevelPercent, why: { rung: 'default' } };
  const { levelPercent, active } = governing.course.levelAt(at);
  const { id, version, by } = governing.program;
  return { levelPercent, why: { rung: 'program', id, version, by, active } };
};

const isSameDecision = (a: Decision, b: Decision): boolean =>
  a.levelPercent === b.levelPercent && JSON.stringify(a.why) === JSON.stringify(b.why);

/**
 * The level a light point must have at an instant, why, and when that changes. The ladder: the override in force, else
 * its program, else the default level. The gateway obeys it, the portal previews it, tests replay it.
 */
export const resolveLevel = ({ device, plan, overrides, at }: LevelQuestion): ResolvedLevel => {
  const own = overrides.filter((override) => isTargeted(override.target, device, plan.groups));
  const program = programOf(device, plan);
  const governing = program === undefined ? null : { program, course: courseOf(program, plan, at) };
  const decideAt = (instant: Instant): Decision => decide(plan, governing, overrideInForce(own, instant), instant);
  const now = decideAt(at);
  const boundaries = [...own.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]), ...(governing?.course.boundaries ?? [])]
    .filter((boundary) => boundary > at)
    .sort((a, b) => a - b);
  const nextChangeAt = boundaries.find((boundary) => !isSameDecision(now, decideAt(boundary)));
  return { ...now, nextChangeAt: nextChangeAt ?? null };
};
