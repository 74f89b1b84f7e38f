import { Temporal } from 'temporal-polyfill';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import type { ActivePeriod, ControlProgram } from '#domain/lighting/control-program.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import type { Override, OverrideTarget } from '#domain/lighting/override.ts';
import type { SensorHistory, SensorSample } from '#domain/lighting/sensor-history.ts';
import { type SunDay, sunOfDay } from '#domain/lighting/sun.ts';

/**
 * The ladder again, read from TALQ 2.7.1 sentence by sentence, one instant at a time: nothing is laid out, nothing is
 * shared with the engine but the sun. What the standard leaves open follows docs/adr/0019.
 */
export interface SlowAnswer {
  readonly levelPercent: number;
  /** Rung, and what identifies it: `override works`, `calendar cal rule 2 program p active`. */
  readonly why: string;
}

const MINUTE = 60_000;
const remembered = <T>(compute: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, compute(key));
    return known.get(key) as T;
  };
};

const civil = remembered((key) => {
  const [date = '', time = '', zone = ''] = key.split(' ');
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
});
const sunAt = remembered((key): SunDay => {
  const [noon = '', latitude = '', longitude = ''] = key.split(' ');
  return sunOfDay(instant(Number(noon)), { latitude: Number(latitude), longitude: Number(longitude) });
});

interface Day {
  readonly date: Temporal.PlainDate;
  readonly from: number;
  readonly to: number;
  readonly timeOf: (time: string) => number;
  readonly sun: (days: number) => SunDay;
  readonly offset: 0 | 12;
}

const dayOn = (date: Temporal.PlainDate, plan: LightingPlan): Day => {
  const offset = plan.dayOffset ?? 12;
  const start = offset === 12 ? '12:00' : '00:00';
  const on = (day: Temporal.PlainDate, time: string): number => civil(`${day.toString()} ${time} ${plan.timeZone}`);
  const from = on(date, start);
  const to = on(date.add({ days: 1 }), start);
  const { latitude, longitude } = plan.position;
  return {
    date,
    from,
    to,
    offset,
    timeOf: (time) => Math.max(from, Math.min(to, on(time < start ? date.add({ days: 1 }) : date, time))),
    sun: (days) => {
      const noon = offset === 12 ? on(date.add({ days }), '12:00') : on(date.add({ days }), '00:00') + 720 * MINUTE;
      return sunAt(`${noon} ${latitude} ${longitude}`);
    },
  };
};

const dayHolding = (at: Instant, plan: LightingPlan): Day => {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(plan.timeZone);
  const date = local.toPlainDate();
  return dayOn((plan.dayOffset ?? 12) === 12 && local.hour < 12 ? date.subtract({ days: 1 }) : date, plan);
};

const inRange = (own: string, from: string | undefined, to: string | undefined): boolean =>
  (from === undefined || own >= from) && (to === undefined || own <= to);

const ruleHolds = (rule: Calendar['rules'][number], date: Temporal.PlainDate): boolean => {
  const iso = date.toString();
  const forms = { date: iso, year: `-${iso.slice(4)}`, month: `---${iso.slice(8)}` };
  const bound = (text: string | undefined) => (text?.startsWith('--') ? forms.year : forms.date);
  if (!inRange(bound(rule.startDate), rule.startDate, undefined) || !inRange(bound(rule.endDate), undefined, rule.endDate))
    return false;
  const { condition } = rule;
  if (condition === undefined) return true;
  if (condition.type === 'ccDate')
    return condition.dates.some(({ start, end }) => inRange(/^---/.test(start) ? forms.month : forms.year, start, end ?? start));
  if (!condition.days.some(({ start, end }) => date.dayOfWeek >= start && date.dayOfWeek <= (end ?? start))) return false;
  if (condition.occurrences === undefined || condition.occurrences.length === 0) return true;
  const before = [...Array(5).keys()].filter((weeks) => date.subtract({ weeks }).month === date.month).length;
  const isLast = date.add({ weeks: 1 }).month !== date.month;
  return condition.occurrences.some((which) => (which === 'L' ? isLast : Number(which) === before));
};

interface Choice {
  readonly program: ControlProgram;
  readonly by: string;
}

const choiceOn = (date: Temporal.PlainDate, plan: LightingPlan, device: DeviceId): Choice | null => {
  const assignment = plan.assignments.filter(({ target }) => covers(target, device, plan)).at(-1);
  const named = (id: string | undefined, by: string): Choice | null => {
    const program = plan.programs.find((one) => one.id === id);
    return program === undefined ? null : { program, by };
  };
  if (assignment?.program !== undefined) return named(assignment.program, `program ${assignment.program}`);
  const calendar = plan.calendars?.find(({ id }) => id === assignment?.calendar);
  if (calendar === undefined) return null;
  for (const [index, rule] of calendar.rules.entries())
    if (ruleHolds(rule, date)) return named(rule.program, `calendar ${calendar.id} rule ${index + 1} program ${rule.program}`);
  return named(calendar.defaultProgram, `calendar ${calendar.id} default program ${calendar.defaultProgram ?? ''}`);
};

const covers = (target: OverrideTarget, device: DeviceId, plan: LightingPlan): boolean =>
  target.kind === 'all' ||
  (target.kind === 'device' && target.device === device) ||
  (target.kind === 'group' && plan.groups.some(({ id, members }) => id === target.group && members.includes(device)));

const saidUntil = (sensors: SensorHistory, sensor: string, at: number): readonly SensorSample[] =>
  (sensors.get(sensor) ?? []).filter((sample) => sample.at <= at);

/** Dark, light or, when no sensor says anything, null. */
const seesDark = (
  sensorAddresses: readonly string[],
  levels: { onLevel?: number | undefined; offLevel?: number | undefined },
  sensors: SensorHistory,
  at: number,
): boolean | null => {
  for (const sensor of sensorAddresses) {
    const said = saidUntil(sensors, sensor, at);
    const last = said.at(-1);
    if (last === undefined || last.value === null) continue;
    let dark: boolean | null = null;
    for (const { value } of said) {
      if (value === null) continue;
      if (typeof value === 'boolean' || levels.onLevel === undefined || levels.offLevel === undefined) dark = Number(value) >= 1;
      else if (value < levels.onLevel) dark = true;
      else if (value > levels.offLevel) dark = false;
    }
    return dark;
  }
  return null;
};

const between = (at: number, from: number, to: number): boolean => from <= at && at < to;

/** "From 20:00 to 06:00 of Day1": one stretch, or the two ends of the day; equal times are the whole day. */
const inPeriod = (startTime: string, endTime: string, day: Day, at: number): boolean => {
  if (startTime === endTime) return true;
  const place = (time: string): string => (day.offset === 12 && time < '12:00' ? `1 ${time}` : `0 ${time}`);
  const from = day.timeOf(startTime);
  const to = day.timeOf(endTime);
  return place(startTime) < place(endTime) ? between(at, from, to) : at < to || at >= from;
};

const nightsOf = (day: Day): readonly (readonly [SunDay, SunDay])[] =>
  day.offset === 12
    ? [[day.sun(0), day.sun(1)]]
    : [
        [day.sun(-1), day.sun(0)],
        [day.sun(0), day.sun(1)],
      ];

const isActive = (period: ActivePeriod, day: Day, sensors: SensorHistory, at: number): boolean => {
  if (period.name === 'AbsoluteActivePeriod') return inPeriod(period.startTime, period.endTime, day, at);
  if (period.name === 'ValueActivePeriod') {
    const value = saidUntil(sensors, period.reference, at).at(-1)?.value ?? null;
    if (value === null) return false;
    const left = Number(value);
    const right = period.value;
    const held = {
      EQ: left === right,
      NE: left !== right,
      GE: left >= right,
      GT: left > right,
      LE: left <= right,
      LT: left < right,
    };
    return held[period.operator];
  }
  const dark = 'sensor' in period ? seesDark(period.sensor.sensorAddresses, period, sensors, at) : null;
  const nights = nightsOf(day).flatMap(([evening, morning]) => {
    const polar = [evening.polar, morning.polar];
    if (!polar.includes('dark') && polar.includes('light')) return [];
    return [{ set: evening.sunsetAt ?? -Infinity, rise: morning.sunriseAt ?? Infinity }];
  });
  if (period.name === 'SensorActivePeriod') return dark ?? nights.some(({ set, rise }) => between(at, set, rise));
  return nights.some(({ set, rise }) => {
    if (!between(at, set + period.sunsetOffset * MINUTE, rise + period.sunriseOffset * MINUTE)) return false;
    if (period.name === 'AstroClockActivePeriod') return true;
    const asked = dark ?? between(at, set, rise);
    if (at < set) return at >= set - period.pcActiveBeforeSunset * MINUTE && asked;
    return at >= rise - period.pcActiveBeforeSunrise * MINUTE ? asked : true;
  });
};

const operated = (operation: string, current: number, next: number): number => {
  const results: Record<string, number> = {
    Set: next,
    Max: Math.max(current, next),
    Min: Math.min(current, next),
    Add: Math.min(100, current + next),
    Sub: Math.max(0, current - next),
    Mul: Math.round((current * next) / 100),
  };
  return results[operation] ?? Number.NaN;
};

/** The last control of a program in the order of its day. */
const lastOf = (program: ControlProgram | undefined, offset: 0 | 12): number | undefined => {
  const controls = program?.fixedTimeControls ?? [];
  const morning = controls.filter(({ startTime }) => offset === 12 && startTime < '12:00');
  return (morning.at(-1) ?? controls.at(-1))?.levelPercent;
};

const fixedLevel = (program: ControlProgram, former: ControlProgram | undefined, day: Day, at: number): number => {
  const place = (time: string): string => (day.offset === 12 && time < '12:00' ? `1 ${time}` : `0 ${time}`);
  const ordered = program.fixedTimeControls.toSorted((a, b) => (place(a.startTime) < place(b.startTime) ? -1 : 1));
  const begins = (index: number): number => Math.min(...ordered.slice(index).map(({ startTime }) => day.timeOf(startTime)));
  for (let index = ordered.length - 1; index >= 0; index -= 1) {
    const control = ordered[index];
    if (control !== undefined && begins(index) <= at) return control.levelPercent;
  }
  return lastOf(former, day.offset) ?? lastOf(program, day.offset) ?? 100;
};

const astroLevel = (program: ControlProgram, fixed: number, day: Day, at: number): number => {
  const own = day.sun(0);
  const morning = day.offset === 12 ? day.sun(1) : own;
  let latest = -Infinity;
  let level = fixed;
  for (const { solarEventType, offset, operation, levelPercent } of program.astroClockTimeControls ?? []) {
    const event = solarEventType === 'sunset' ? own.sunsetAt : morning.sunriseAt;
    if (event === null) continue;
    const begins = Math.max(day.from, event + offset * MINUTE);
    if (begins >= day.to || begins > at || begins < latest) continue;
    latest = begins;
    level = operated(operation, fixed, levelPercent);
  }
  return level;
};

const raisedSensor = (
  {
    holdTime = 0,
    source,
  }: {
    readonly holdTime?: number | undefined;
    readonly source: { readonly sensor: { readonly sensorAddresses: readonly string[] } };
  },
  sensors: SensorHistory,
  at: number,
): { readonly sensor: string; readonly value: number } | null => {
  const found = source.sensor.sensorAddresses.flatMap((sensor) => {
    let value: number | null = null;
    let until = -Infinity;
    for (const sample of saidUntil(sensors, sensor, at)) {
      const raised = sample.value === true || (typeof sample.value === 'number' && sample.value > 0);
      if (raised) {
        value = Number(sample.value);
        until = Infinity;
      } else if (until === Infinity) until = sample.at + Math.round(holdTime * 1000);
    }
    return value !== null && at < until ? [{ sensor, value, until }] : [];
  });
  return found.toSorted((a, b) => (a.until === b.until ? 0 : b.until - a.until))[0] ?? null;
};

const programAnswer = (choice: Choice, former: Choice | null, day: Day, sensors: SensorHistory, at: number): SlowAnswer => {
  const { program, by } = choice;
  const active = program.activePeriods.length === 0 || program.activePeriods.some((period) => isActive(period, day, sensors, at));
  if (!active) return { levelPercent: 0, why: `${by} inactive` };
  const level = astroLevel(program, fixedLevel(program, former?.program, day, at), day, at);
  for (const [index, { period, effect }] of (program.dynamicControls ?? []).entries()) {
    if (period !== undefined && !inPeriod(period.startTime, period.endTime, day, at)) continue;
    const raised = raisedSensor(effect, sensors, at);
    if (raised === null) continue;
    const asked = effect.type === 'FixedControlEffect' ? effect.levelPercent : Math.min(100, raised.value);
    return {
      levelPercent: operated(effect.operation, level, asked),
      why: `sensor ${raised.sensor} control ${index + 1} program ${program.id}`,
    };
  }
  return { levelPercent: level, why: `${by} active` };
};

const askedAnswer = (
  plan: LightingPlan,
  device: DeviceId,
  overrides: readonly Override[],
  sensors: SensorHistory,
  at: Instant,
): SlowAnswer => {
  const own = overrides.filter(({ target, startsAt, endsAt }) => covers(target, device, plan) && startsAt <= at && at < endsAt);
  const latest = Math.max(...own.map(({ startsAt }) => startsAt));
  const winner = own.filter(({ startsAt }) => startsAt === latest).at(-1);
  if (winner !== undefined) return { levelPercent: winner.levelPercent, why: `override ${winner.id}` };
  const day = dayHolding(at, plan);
  const choice = choiceOn(day.date, plan, device);
  if (choice === null) return { levelPercent: plan.defaultLevelPercent, why: 'default' };
  return programAnswer(choice, choiceOn(day.date.subtract({ days: 1 }), plan, device), day, sensors, at);
};

export const slowLevel = (
  plan: LightingPlan,
  device: DeviceId,
  overrides: readonly Override[],
  sensors: SensorHistory,
  at: Instant,
): SlowAnswer => {
  const asked = askedAnswer(plan, device, overrides, sensors, at);
  const floors = (plan.safetyFloors ?? []).filter(({ target }) => covers(target, device, plan));
  const least = Math.max(0, ...floors.map(({ minimumPercent }) => minimumPercent));
  if (asked.levelPercent === 0 || asked.levelPercent >= least) return asked;
  return { levelPercent: least, why: `safety over ${asked.why}` };
};
