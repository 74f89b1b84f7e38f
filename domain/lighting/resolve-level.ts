import type { Instant } from '#domain/civil-time.ts';
import { instant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { applyOperation } from '#domain/lighting/effect-operation.ts';
import { createGovernedLights, type GovernedLight } from '#domain/lighting/governed-lights.ts';
import type { GovernedDay, Governor } from '#domain/lighting/governor.ts';
import { stepHolding, stepIndexAt } from '#domain/lighting/governor.ts';
import type { AskedReason, LevelReason } from '#domain/lighting/level-reason.ts';
import type { LightingPlan, SafetyFloor } from '#domain/lighting/lighting-plan.ts';
import { isTargeted } from '#domain/lighting/lighting-plan.ts';
import type { Override } from '#domain/lighting/override.ts';
import { overrideInForce } from '#domain/lighting/override.ts';
import type { CourseStep } from '#domain/lighting/program-course.ts';
import type { SensorHistory } from '#domain/lighting/sensor-history.ts';
import { isSensedActive, raisedEffect } from '#domain/lighting/sensor-history.ts';

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

/** Overrides that cover each device, found once for one list. */
const createCoverage = ({ groups }: LightingPlan) => {
  const covering = new WeakMap<readonly Override[], Map<DeviceId, readonly Override[]>>();
  return (device: DeviceId, overrides: readonly Override[]): readonly Override[] => {
    if (overrides.length === 0) return NO_OVERRIDES;
    const known = covering.get(overrides) ?? new Map<DeviceId, readonly Override[]>();
    covering.set(overrides, known);
    const own = known.get(device) ?? overrides.filter(({ target }) => isTargeted(target, device, groups));
    known.set(device, own);
    return own;
  };
};

/** All that may decide the level of one light point. */
interface Case {
  readonly light: GovernedLight;
  readonly overrides: readonly Override[];
  readonly sensors: SensorHistory;
  readonly defaultPercent: number;
}

const decide = ({ light: { governor, floor }, overrides, sensors, defaultPercent }: Case, at: Instant): Decision => {
  const override = overrideInForce(overrides, at);
  if (override !== null) {
    const { id, by, endsAt, levelPercent } = override;
    return raisedTo(floor, { levelPercent, why: { rung: 'override', id, by, endsAt } });
  }
  if (governor === null) return raisedTo(floor, { levelPercent: defaultPercent, why: { rung: 'default' } });
  return raisedTo(floor, decideByDay(governor.dayHolding(at), defaultPercent, sensors, at));
};

/** Decides at each instant at which something may change, until it does. */
const foresee = (one: Case, at: Instant): ResolvedLevel => {
  const { governor } = one.light;
  const now = decide(one, at);
  const boundaries = [
    ...one.overrides.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
    ...(governor === null ? [] : [...courseBoundaries(governor, at), ...sensorBoundaries(governor, one.sensors)]),
  ]
    .filter((boundary) => boundary > at)
    .sort((a, b) => a - b);
  const next = boundaries.find((boundary) => !isSameDecision(now, decide(one, instant(boundary))));
  return { ...now, nextChangeAt: next === undefined ? null : instant(next) };
};

/** Answers of steps that only the clock and the sun decide, kept for the next light or the next second. */
const createStepAnswers = () => {
  const answers = new Map<GovernedLight, Map<CourseStep, ResolvedLevel>>();
  return (one: Case, governor: Governor, day: GovernedDay, step: CourseStep, at: Instant): ResolvedLevel => {
    const own = answers.get(one.light) ?? new Map<CourseStep, ResolvedLevel>();
    answers.set(one.light, own);
    const known = own.get(step);
    if (known !== undefined) return known;
    if (own.size >= ANSWERS_KEPT) own.clear();
    const answer = { ...decide(one, at), nextChangeAt: nextStepChange(governor, day, at, one.light.floor) };
    own.set(step, answer);
    return answer;
  };
};

/** A plan made ready to answer often: days are laid out once, and shared by the light points that they govern. */
export const createLevelResolver = (plan: LightingPlan): LevelResolver => {
  const lightOf = createGovernedLights(plan);
  const coveredBy = createCoverage(plan);
  const answerOf = createStepAnswers();
  return {
    resolve: (device, at, overrides = NO_OVERRIDES, sensors = SILENCE) => {
      const light = lightOf(device);
      const { governor } = light;
      const one = { light, overrides: coveredBy(device, overrides), sensors, defaultPercent: plan.defaultLevelPercent };
      if (governor === null || governor.hasSensors || one.overrides.length > 0) return foresee(one, at);
      const day = governor.dayHolding(at);
      return day.course === null ? foresee(one, at) : answerOf(one, governor, day, stepHolding(day.course, at), at);
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
