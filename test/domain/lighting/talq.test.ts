import { describe, expect, test } from 'vitest';
import { type CivilTime, civilDate, parseInstant, timeZone } from '#domain/civil-time.ts';
import { deviceId, groupId } from '#domain/identifiers.ts';
import { type Calendar, type CalendarRule, chooseProgram } from '#domain/lighting/calendar.ts';
import type { ActivePeriod, ControlProgram } from '#domain/lighting/control-program.ts';
import { applyOperation, EFFECT_OPERATIONS } from '#domain/lighting/effect-operation.ts';
import type { LightingPlan } from '#domain/lighting/lighting-plan.ts';
import { resolveLevel } from '#domain/lighting/resolve-level.ts';
import type { SensorHistory, SensorSample } from '#domain/lighting/sensor-history.ts';

const LAMP = deviceId('luminaire-01');
const time = (text: string) => text as CivilTime;

const program = (id: string, parts: Partial<ControlProgram> = {}): ControlProgram => ({
  id,
  version: 2,
  name: id,
  by: 'account-technician',
  activePeriods: [],
  fixedTimeControls: [],
  ...parts,
});
const controls = (...pairs: readonly [string, number][]) =>
  pairs.map(([startTime, levelPercent]) => ({ startTime: time(startTime), levelPercent }));
const clock = (startTime: string, endTime: string): ActivePeriod => ({
  name: 'AbsoluteActivePeriod',
  startTime: time(startTime),
  endTime: time(endTime),
});
const astro = (sunsetOffset = 0, sunriseOffset = 0): ActivePeriod => ({
  name: 'AstroClockActivePeriod',
  sunsetOffset,
  sunriseOffset,
});

const planOf = (programs: readonly ControlProgram[], more: Partial<LightingPlan> = {}): LightingPlan => ({
  timeZone: timeZone('Europe/Paris'),
  position: { latitude: 49.564, longitude: 3.62 },
  defaultLevelPercent: 100,
  groups: [{ id: groupId('group-carrefour'), members: [LAMP] }],
  programs,
  assignments: [{ target: { kind: 'all' }, program: programs[0]?.id ?? '' }],
  ...more,
});
const history = (sensor: string, ...said: readonly [string, SensorSample['value']][]): SensorHistory =>
  new Map([[sensor, said.map(([at, value]) => ({ at: parseInstant(at), value }))]]);
const resolved = (plan: LightingPlan, at: string, sensors?: SensorHistory) =>
  resolveLevel({ device: LAMP, plan, overrides: [], at: parseInstant(at), ...(sensors === undefined ? {} : { sensors }) });
const levelAt = (plan: LightingPlan, at: string, sensors?: SensorHistory): number => resolved(plan, at, sensors).levelPercent;

describe('a day from noon to noon or from midnight to midnight', () => {
  const saturday: Calendar = {
    id: 'commune',
    version: 5,
    name: 'Commune',
    by: 'account-mayor',
    rules: [{ condition: { type: 'ccDay', days: [{ start: 6 }] }, program: 'nuit-entiere' }],
    defaultProgram: 'village',
  };
  const village = program('village', { activePeriods: [clock('17:00', '23:30')] });
  const entire = program('nuit-entiere', { activePeriods: [clock('17:00', '08:00')] });
  const plan = (dayOffset: 0 | 12) =>
    planOf([village, entire], {
      dayOffset,
      calendars: [saturday],
      assignments: [{ target: { kind: 'all' }, calendar: 'commune' }],
    });

  test('keeps the night of Saturday 28 November 2026 whole at noon, and cuts it at midnight', () => {
    expect(levelAt(plan(12), '2026-11-29T02:00:00Z')).toBe(100);
    expect(levelAt(plan(0), '2026-11-29T02:00:00Z')).toBe(0);
    expect(levelAt(plan(0), '2026-11-28T02:00:00Z')).toBe(100);
  });

  test('says which rule of which calendar, and who published both', () => {
    expect(resolved(plan(12), '2026-11-29T02:00:00Z').why).toEqual({
      rung: 'calendar',
      id: 'commune',
      version: 5,
      by: 'account-mayor',
      rule: 1,
      program: { id: 'nuit-entiere', version: 2, by: 'account-technician' },
      active: true,
    });
    expect(resolved(plan(12), '2026-11-27T18:00:00Z').why).toMatchObject({
      rung: 'calendar',
      rule: null,
      program: { id: 'village' },
    });
  });

  test('splits a period of 20:00 to 06:00 in two when the day begins at midnight', () => {
    const night = planOf([program('rue', { activePeriods: [clock('20:00', '06:00')] })], { dayOffset: 0 });
    expect([
      levelAt(night, '2026-11-24T04:59:59Z'),
      levelAt(night, '2026-11-24T05:00:00Z'),
      levelAt(night, '2026-11-24T19:00:00Z'),
    ]).toEqual([100, 0, 100]);
  });

  test('is active all day when its two times are equal', () => {
    expect(levelAt(planOf([program('rue', { activePeriods: [clock('06:00', '06:00')] })]), '2026-11-24T11:30:00Z')).toBe(100);
  });
});

describe('fixed-time controls', () => {
  test('begin a day with the last level of the program of the day before', () => {
    const calendar: Calendar = {
      id: 'commune',
      version: 1,
      name: 'Commune',
      by: 'account-mayor',
      rules: [{ startDate: civilDate('2026-11-24'), endDate: civilDate('2026-11-24'), program: 'fete' }],
      defaultProgram: 'rue',
    };
    const plan = planOf(
      [
        program('rue', { fixedTimeControls: controls(['05:00', 80], ['23:00', 50]) }),
        program('fete', { fixedTimeControls: controls(['20:00', 100]) }),
      ],
      {
        calendars: [calendar],
        assignments: [{ target: { kind: 'all' }, calendar: 'commune' }],
      },
    );
    expect(levelAt(plan, '2026-11-24T12:00:00Z')).toBe(80);
    expect(levelAt(plan, '2026-11-24T20:00:00Z')).toBe(100);
    expect(levelAt(plan, '2026-11-25T12:00:00Z')).toBe(100);
  });
});

describe('astronomical controls', () => {
  test('change the fixed level from their instant until the next of them', () => {
    const plan = planOf([
      program('rue', {
        activePeriods: [astro()],
        fixedTimeControls: controls(['12:00', 100], ['23:00', 50]),
        astroClockTimeControls: [
          { solarEventType: 'sunset', offset: 60, operation: 'Min', levelPercent: 80 },
          { solarEventType: 'sunrise', offset: -60, operation: 'Max', levelPercent: 90 },
        ],
      }),
    ]);
    expect(['16:00', '18:00', '22:30'].map((at) => levelAt(plan, `2026-11-24T${at}:00Z`))).toEqual([100, 80, 50]);
    expect(levelAt(plan, '2026-11-25T07:00:00Z')).toBe(90);
  });
});

test('operations stay between 0 and 100 %', () => {
  expect(EFFECT_OPERATIONS.map((operation) => applyOperation(operation, 50, 80))).toEqual([80, 80, 50, 100, 0, 40]);
});

describe('sensors', () => {
  const presence = 'detecteur-01/presence';
  const source = { sensor: { sensorAddresses: [presence] } };
  const square = planOf([
    program('place', {
      activePeriods: [astro()],
      fixedTimeControls: controls(['12:00', 100], ['23:00', 30]),
      dynamicControls: [
        {
          period: { startTime: time('23:00'), endTime: time('05:00') },
          effect: { type: 'FixedControlEffect', operation: 'Max', holdTime: 120, source, levelPercent: 80 },
        },
      ],
    }),
  ]);
  const walker = history(presence, ['2026-11-24T23:10:00Z', true], ['2026-11-24T23:10:30Z', false]);

  test('raise a level while somebody is there, then for the hold, and say until when', () => {
    expect(resolved(square, '2026-11-24T23:10:10Z', walker)).toMatchObject({
      levelPercent: 80,
      why: { rung: 'sensor', sensor: presence, control: 1, heldUntil: null, program: { id: 'place', version: 2 } },
    });
    expect(resolved(square, '2026-11-24T23:11:00Z', walker)).toMatchObject({
      levelPercent: 80,
      why: { heldUntil: parseInstant('2026-11-24T23:12:30Z') },
      nextChangeAt: parseInstant('2026-11-24T23:12:30Z'),
    });
    expect(levelAt(square, '2026-11-24T23:12:30Z', walker)).toBe(30);
  });

  test('light nothing by day, nor outside the period of their control', () => {
    const atNoon = history(presence, ['2026-11-24T11:00:00Z', true]);
    expect(levelAt(square, '2026-11-24T11:30:00Z', atNoon)).toBe(0);
    expect(resolved(square, '2026-11-24T19:00:00Z', atNoon).why.rung).toBe('program');
  });

  test('of daylight keep their state between the two levels, and give way to the sun when they are silent', () => {
    const cell = 'cellule-01/illuminanceLx';
    const plan = planOf([
      program('rue', {
        activePeriods: [{ name: 'SensorActivePeriod', sensor: { sensorAddresses: [cell] }, onLevel: 20, offLevel: 35 }],
      }),
    ]);
    const storm = history(cell, ['2026-11-24T10:00:00Z', 12], ['2026-11-24T10:10:00Z', 30], ['2026-11-24T10:20:00Z', 40]);
    expect(['10:05', '10:15', '10:25'].map((at) => levelAt(plan, `2026-11-24T${at}:00Z`, storm))).toEqual([100, 100, 0]);
    expect(levelAt(plan, '2026-11-24T10:05:00Z')).toBe(0);
    expect(levelAt(plan, '2026-11-24T20:00:00Z')).toBe(100);
    expect(
      levelAt(plan, '2026-11-24T20:00:00Z', history(cell, ['2026-11-24T10:00:00Z', 40], ['2026-11-24T12:00:00Z', null])),
    ).toBe(100);
  });
});

describe('a safety floor', () => {
  const plan = planOf([program('rue', { fixedTimeControls: controls(['00:00', 40], ['01:00', 0]) })], {
    safetyFloors: [
      {
        id: 'carrefour',
        target: { kind: 'group', group: groupId('group-carrefour') },
        minimumPercent: 100,
        by: 'account-technician',
        reason: 'carrefour',
      },
    ],
  });

  test('raises what is dimmed, says over what, and leaves what is off', () => {
    expect(resolved(plan, '2026-11-23T23:30:00Z')).toMatchObject({
      levelPercent: 100,
      why: { rung: 'safety', id: 'carrefour', over: { rung: 'program', id: 'rue' } },
    });
    expect(resolved(plan, '2026-11-24T00:30:00Z')).toMatchObject({ levelPercent: 0, why: { rung: 'program' } });
  });
});

describe('a rule of a calendar', () => {
  const chosen = (rule: Omit<CalendarRule, 'program'>, date: string): boolean =>
    chooseProgram({ id: 'c', version: 1, name: 'c', by: 'x', rules: [{ ...rule, program: 'p' }] }, civilDate(date)) !== null;

  test.each<readonly [string, Omit<CalendarRule, 'program'>, readonly string[], readonly string[]]>([
    [
      'between two dates',
      { startDate: civilDate('2026-07-13'), endDate: civilDate('2026-07-14') },
      ['2026-07-13', '2026-07-14'],
      ['2026-07-12', '2026-07-15', '2027-07-13'],
    ],
    [
      'between two days of every year',
      { startDate: '--06-01', endDate: '--08-31' },
      ['2026-06-01', '2031-08-31'],
      ['2026-05-31', '2026-09-01'],
    ],
    ['from a date on', { startDate: civilDate('2026-07-13') }, ['2026-07-13', '2040-01-01'], ['2026-07-12']],
    [
      'at Christmas',
      { condition: { type: 'ccDate', dates: [{ start: '--12-24', end: '--12-31' }, { start: '--01-01' }] } },
      ['2026-12-24', '2026-12-31', '2027-01-01'],
      ['2026-12-23', '2027-01-02'],
    ],
    [
      'on 29 February',
      { condition: { type: 'ccDate', dates: [{ start: '--02-29' }] } },
      ['2028-02-29'],
      ['2027-02-28', '2027-03-01'],
    ],
    [
      'on the last days of every month',
      { condition: { type: 'ccDate', dates: [{ start: '---30', end: '---31' }] } },
      ['2026-11-30', '2026-12-31'],
      ['2026-02-28', '2026-12-29'],
    ],
    [
      'at the end of a week',
      { condition: { type: 'ccDay', days: [{ start: 5, end: 7 }] } },
      ['2026-11-27', '2026-11-29'],
      ['2026-11-26', '2026-11-30'],
    ],
    [
      'on the second Monday',
      { condition: { type: 'ccDay', days: [{ start: 1 }], occurrences: ['2'] } },
      ['2026-11-09'],
      ['2026-11-02', '2026-11-16', '2026-11-10'],
    ],
    [
      'on the last Friday, the fourth or the fifth',
      { condition: { type: 'ccDay', days: [{ start: 5 }], occurrences: ['L'] } },
      ['2026-11-27', '2026-10-30'],
      ['2026-10-23', '2026-11-20'],
    ],
    [
      'on a fifth Sunday',
      { condition: { type: 'ccDay', days: [{ start: 7 }], occurrences: ['5'] } },
      ['2026-11-29'],
      ['2026-10-25', '2026-11-22'],
    ],
  ])('%s', (_, rule, on, off) => {
    expect(on.filter((date) => !chosen(rule, date))).toEqual([]);
    expect(off.filter((date) => chosen(rule, date))).toEqual([]);
  });
});
