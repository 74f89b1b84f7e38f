import type { DeviceId } from '#domain/identifiers.ts';
import { createGovernor, type Governor } from '#domain/lighting/governor.ts';
import { isTargeted, type LightingPlan, type PlanAssignment, type SafetyFloor } from '#domain/lighting/lighting-plan.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import { createProgramDays, DEFAULT_DAY_OFFSET } from '#domain/lighting/program-day.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';

/** A light point as the ladder sees it: light points with the same governor and floor are one. */
export interface GovernedLight {
  /** Null: nothing governs it. */
  readonly governor: Governor | null;
  readonly floor: SafetyFloor | null;
}

/** One governor for each program and calendar that a plan assigns. */
const createGovernors = (plan: LightingPlan): ((assignment: PlanAssignment | undefined) => Governor | null) => {
  const dayOffset = plan.dayOffset ?? DEFAULT_DAY_OFFSET;
  const days = createProgramDays(plan.timeZone, dayOffset);
  const programs = new Map(plan.programs.map((program) => [program.id, compileProgram(program, dayOffset)]));
  const means = { days, sunOf: createSunTable(plan.position, days), programOf: (id: string) => programs.get(id) ?? null };
  const governors = new Map<string, Governor>();
  return (assignment) => {
    const source = assignment?.program ?? plan.calendars?.find(({ id }) => id === assignment?.calendar);
    if (source === undefined || (typeof source === 'string' && !programs.has(source))) return null;
    const key = typeof source === 'string' ? `program ${source}` : `calendar ${source.id}`;
    const known = governors.get(key) ?? createGovernor(source, means);
    governors.set(key, known);
    return known;
  };
};

/** What governs each device of a plan, looked up once. */
export const createGovernedLights = (plan: LightingPlan): ((device: DeviceId) => GovernedLight) => {
  const governorOf = createGovernors(plan);
  const shared = new Map<string, GovernedLight>();
  const own = new Map<DeviceId, GovernedLight>();
  const govern = (device: DeviceId): GovernedLight => {
    const isOwn = ({ target }: Pick<PlanAssignment, 'target'>) => isTargeted(target, device, plan.groups);
    const assignment = plan.assignments.findLast(isOwn);
    const [floor = null] = (plan.safetyFloors ?? []).filter(isOwn).sort((a, b) => b.minimumPercent - a.minimumPercent);
    const key = `${assignment?.program ?? ''}/${assignment?.calendar ?? ''}/${floor?.id ?? ''}`;
    const known = shared.get(key) ?? { governor: governorOf(assignment), floor };
    shared.set(key, known);
    return known;
  };
  return (device) => {
    const known = own.get(device) ?? govern(device);
    own.set(device, known);
    return known;
  };
};
