import type { Instant } from '#domain/civil-time.ts';
import { instant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { applyOperation } from '#domain/lighting/effect-operation.ts';
import type { GovernedDay, Governor } from '#domain/lighting/governor.ts';
import { createGovernor, stepHolding, stepIndexAt } from '#domain/lighting/governor.ts';
import type { AskedReason, LevelReason } from '#domain/lighting/level-reason.ts';
import type { LightingPlan, SafetyFloor } from '#domain/lighting/lighting-plan.ts';
import { isTargeted } from '#domain/lighting/lighting-plan.ts';
import type { Override } from '#domain/lighting/override.ts';
import { overrideInForce } from '#domain/lighting/override.ts';
import type { CourseStep } from '#domain/lighting/program-course.ts';
import { compileProgram } from '#domain/lighting/program-course.ts';
import { createProgramDays, DEFAULT_DAY_OFFSET } from '#domain/lighting/program-day.ts';
import type { SensorHistory } from '#domain/lighting/sensor-history.ts';
import { isSensedActive, raisedEffect } from '#domain/lighting/sensor-history.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';

export interface ResolvedLevel {
  readonly levelPercent: number;
  readonly why: LevelReason;
  /** When the level or its reason is next decided anew; null when nothing is foreseen until the program day after next ends. */
  readonly nextChangeAt: Instant | null;
}

export interface LevelQuestion {
  readonly device: DeviceId;
  readonly plan: LightingPlan;
  readonly overrides: readonly Override[];
  readonly at: Instant;
  /** What the sensors said; absent: all are silent. */
  readonly sensors?: SensorHistory;
}

type Decision = Pick<ResolvedLevel, 'levelPercent' | 'why'>;

/** Before the safety floor. */
interface Asked {
  readonly levelPercent: number;
  readonly why: AskedReason;
}

/** A light point as the ladder sees it: light points with the same governor and floor share one. */
interface Governed {
  readonly governor: Governor | null;
  readonly floor: SafetyFloor | null;
  /** Answers of steps that only the clock and the sun decide. */
  readonly answers: Map<CourseStep, ResolvedLevel>;
}

const SILENCE: SensorHistory = new Map();
const NO_OVERRIDES: readonly Override[] = [];
const DAYS_FORESEEN = 2;
const ANSWERS_KEPT = 10_000;

const isLit = ({ isActive, sensed }: CourseStep, sensors: SensorHistory, at: Instant): boolean =>
  isActive ||
  sensed.some(({ sensed: period, whenSilent }) => (period === null ? true : (isSensedActive(period, sensors, at) ?? whenSilent)));

const decideByDay = (
  { course, why, program }: GovernedDay,
  defaultPercent: number,
  sensors: SensorHistory,
  at: Instant,
): Asked => {
  if (course === null || program === null) return { levelPercent: defaultPercent, why: why.inactive };
  const step = stepHolding(course, at);
  if (!isLit(step, sensors, at)) return { levelPercent: 0, why: why.inactive };
  for (const { control, rank } of step.dynamic) {
    const raised = raisedEffect(control.effect, sensors, at);
    if (raised === null) continue;
    const { sensor, heldUntil } = raised;
    return {
      levelPercent: applyOperation(control.effect.operation, step.levelPercent, raised.levelPercent),
      why: { rung: 'sensor', sensor, control: rank + 1, heldUntil, program },
    };
  }
  return { levelPercent: step.levelPercent, why: why.active };
};

const raisedTo = (floor: SafetyFloor | null, { levelPercent, why }: Asked): Decision => {
  if (floor === null || levelPercent === 0 || levelPercent >= floor.minimumPercent) return { levelPercent, why };
  const { id, minimumPercent, by, reason } = floor;
  return { levelPercent: minimumPercent, why: { rung: 'safety', id, minimumPercent, by, reason, over: why } };
};

const isSameDecision = (a: Decision, b: Decision): boolean =>
  a.levelPercent === b.levelPercent && (a.why === b.why || JSON.stringify(a.why) === JSON.stringify(b.why));

/** What the clock and the sun decide in a step: what holds for it, and whether the floor raises it. */
const isSameStep = (a: GovernedDay, stepA: CourseStep, b: GovernedDay, stepB: CourseStep, floor: SafetyFloor | null): boolean => {
  const whyA = stepA.isActive ? a.why.active : a.why.inactive;
  const whyB = stepB.isActive ? b.why.active : b.why.inactive;
  if (whyA !== whyB) return false;
  if (!stepA.isActive || stepA.levelPercent === stepB.levelPercent) return true;
  const isRaised = ({ levelPercent }: CourseStep) => floor !== null && levelPercent > 0 && levelPercent < floor.minimumPercent;
  return isRaised(stepA) && isRaised(stepB);
};

/** The next step that decides otherwise, where no sensor nor override can. */
const nextStepChange = (governor: Governor, day: GovernedDay, at: Instant, floor: SafetyFloor | null): Instant | null => {
  if (day.course === null) return null;
  let index = stepIndexAt(day.course, at);
  const now = day.course.steps[index] as CourseStep;
  for (let ahead = 0; ahead <= DAYS_FORESEEN; ahead += 1, index = -1) {
    const then = ahead === 0 ? day : governor.dayNumbered(day.day.number + ahead);
    if (then.course === null) return then.day.startAt;
    const { steps } = then.course;
    for (let next = index + 1; next < steps.length; next += 1) {
      const step = steps[next] as CourseStep;
      if (!isSameStep(day, now, then, step, floor)) return step.at;
    }
  }
  return null;
};

/** When the sensors of a governor said something, and when their holds end. */
const sensorBoundaries = ({ programs }: Governor, sensors: SensorHistory): readonly number[] =>
  programs.flatMap(({ activePeriods, dynamicControls = [] }) => [
    ...activePeriods.flatMap((period) => {
      if (period.name === 'ValueActivePeriod') return sensors.get(period.reference)?.map(({ at }) => at) ?? [];
      return 'sensor' in period
        ? period.sensor.sensorAddresses.flatMap((sensor) => sensors.get(sensor)?.map(({ at }) => at) ?? [])
        : [];
    }),
    ...dynamicControls.flatMap(({ effect }) =>
      effect.source.sensor.sensorAddresses.flatMap(
        (sensor) => sensors.get(sensor)?.flatMap(({ at }) => [at, at + Math.round((effect.holdTime ?? 0) * 1000)]) ?? [],
      ),
    ),
  ]);

/** Starts of steps from the day of an instant until the day after next. */
const courseBoundaries = (governor: Governor, at: Instant): readonly number[] => {
  const { number } = governor.dayHolding(at).day;
  return Array.from({ length: DAYS_FORESEEN + 1 }, (_, ahead) => governor.dayNumbered(number + ahead)).flatMap(
    ({ course, day }) => course?.steps.map((step) => step.at) ?? [day.startAt],
  );
};

export interface LevelResolver {
  resolve(device: DeviceId, at: Instant, overrides?: readonly Override[], sensors?: SensorHistory): ResolvedLevel;
}

const createGovernedLights = (plan: LightingPlan): ((device: DeviceId) => Governed) => {
  const dayOffset = plan.dayOffset ?? DEFAULT_DAY_OFFSET;
  const days = createProgramDays(plan.timeZone, dayOffset);
  const programs = new Map(plan.programs.map((program) => [program.id, compileProgram(program, dayOffset)]));
  const means = { days, sunOf: createSunTable(plan.position, days), programOf: (id: string) => programs.get(id) ?? null };
  const governors = new Map<string, Governor>();
  const shared = new Map<string, Governed>();
  const own = new Map<DeviceId, Governed>();
  const governorOf = (assignment: LightingPlan['assignments'][number] | undefined): Governor | null => {
    const source = assignment?.program ?? plan.calendars?.find(({ id }) => id === assignment?.calendar);
    if (source === undefined || (typeof source === 'string' && !programs.has(source))) return null;
    const key = typeof source === 'string' ? `program ${source}` : `calendar ${source.id}`;
    const known = governors.get(key) ?? createGovernor(source, means);
    governors.set(key, known);
    return known;
  };
  const govern = (device: DeviceId): Governed => {
    const isOwn = ({ target }: Pick<Override, 'target'>) => isTargeted(target, device, plan.groups);
    const assignment = plan.assignments.findLast(isOwn);
    const [floor = null] = (plan.safetyFloors ?? []).filter(isOwn).sort((a, b) => b.minimumPercent - a.minimumPercent);
    const key = `${assignment?.program ?? ''}/${assignment?.calendar ?? ''}/${floor?.id ?? ''}`;
    const known = shared.get(key) ?? { governor: governorOf(assignment), floor, answers: new Map() };
    shared.set(key, known);
    return known;
  };
  return (device) => {
    const known = own.get(device) ?? govern(device);
    own.set(device, known);
    return known;
  };
};

/** A plan made ready to answer often: nights are laid out once, and shared by the light points that they govern. */
export const createLevelResolver = (plan: LightingPlan): LevelResolver => {
  const governedOf = createGovernedLights(plan);
  const covering = new WeakMap<readonly Override[], Map<DeviceId, readonly Override[]>>();
  const ownOf = (device: DeviceId, overrides: readonly Override[]): readonly Override[] => {
    if (overrides.length === 0) return NO_OVERRIDES;
    const known = covering.get(overrides) ?? new Map<DeviceId, readonly Override[]>();
    covering.set(overrides, known);
    const own = known.get(device) ?? overrides.filter(({ target }) => isTargeted(target, device, plan.groups));
    known.set(device, own);
    return own;
  };
  const decide = ({ governor, floor }: Governed, own: readonly Override[], sensors: SensorHistory, at: Instant): Decision => {
    const override = overrideInForce(own, at);
    if (override !== null) {
      const { id, by, endsAt, levelPercent } = override;
      return raisedTo(floor, { levelPercent, why: { rung: 'override', id, by, endsAt } });
    }
    if (governor === null) return raisedTo(floor, { levelPercent: plan.defaultLevelPercent, why: { rung: 'default' } });
    return raisedTo(floor, decideByDay(governor.dayHolding(at), plan.defaultLevelPercent, sensors, at));
  };
  const answer = (governed: Governed, own: readonly Override[], sensors: SensorHistory, at: Instant): ResolvedLevel => {
    const { governor } = governed;
    const now = decide(governed, own, sensors, at);
    const boundaries = [
      ...own.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
      ...(governor === null ? [] : courseBoundaries(governor, at)),
      ...(governor === null ? [] : sensorBoundaries(governor, sensors)),
    ]
      .filter((boundary) => boundary > at)
      .sort((a, b) => a - b);
    const next = boundaries.find((boundary) => !isSameDecision(now, decide(governed, own, sensors, instant(boundary))));
    return { ...now, nextChangeAt: next === undefined ? null : instant(next) };
  };
  return {
    resolve: (device, at, overrides = NO_OVERRIDES, sensors = SILENCE) => {
      const governed = governedOf(device);
      const own = ownOf(device, overrides);
      const course = governed.governor?.dayHolding(at).course;
      if (own.length > 0 || course == null || governed.governor?.hasSensors === true) return answer(governed, own, sensors, at);
      const step = stepHolding(course, at);
      const known = governed.answers.get(step);
      if (known !== undefined) return known;
      if (governed.answers.size >= ANSWERS_KEPT) governed.answers.clear();
      const { governor, floor } = governed;
      const decision = decide(governed, own, sensors, at);
      const nextChangeAt = governor === null ? null : nextStepChange(governor, governor.dayHolding(at), at, floor);
      const answered = { ...decision, nextChangeAt };
      governed.answers.set(step, answered);
      return answered;
    },
  };
};

const resolvers = new WeakMap<LightingPlan, LevelResolver>();

/**
 * The level a light point must have at an instant, past or future, why, and when that changes. The ladder: safety floor,
 * override in force, sensor, what the calendar or the assignment runs, default level. The gateway obeys it, the portal
 * previews it, tests replay it.
 */
export const resolveLevel = ({ device, plan, overrides, at, sensors }: LevelQuestion): ResolvedLevel => {
  const resolver = resolvers.get(plan) ?? createLevelResolver(plan);
  resolvers.set(plan, resolver);
  return resolver.resolve(device, at, overrides, sensors);
};
