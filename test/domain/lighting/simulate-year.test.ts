import { describe, expect, test } from 'vitest';
import { type CivilTime, civilDate, instant, startOfDay, timeZone } from '#domain/civil-time.ts';
import { CARBON_FACTORS } from '#domain/energy/carbon-factor.ts';
import { deviceId } from '#domain/identifiers.ts';
import type { Calendar } from '#domain/lighting/calendar.ts';
import { calendarConflicts } from '#domain/lighting/calendar-conflicts.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import { createLevelResolver } from '#domain/lighting/resolve-level.ts';
import { createYearSimulator, type SimulatedLight } from '#domain/lighting/simulate-year.ts';
import { drawYear } from '#domain/lighting/year-picture.ts';
import type { YearPlan } from '#domain/lighting/year-profiles.ts';

const PARIS = timeZone('Europe/Paris');
const LAON = { latitude: 49.564, longitude: 3.62 };
const TABLE = [
  { levelPercent: 0, powerW: 0 },
  { levelPercent: 50, powerW: 21.5 },
  { levelPercent: 100, powerW: 40 },
];
const [RTE_2024 = { id: '', version: '', gramsPerKWh: 0, source: '', certainty: 'sourced' as const }] = CARBON_FACTORS;
const PRICE = { euroCentsPerKWh: 20, version: 'contrat 2025' };

const program = (id: string, offset: number, controls: readonly [string, number][]): ControlProgram => ({
  id,
  version: 1,
  name: id,
  by: 'account-technician',
  activePeriods: [{ name: 'AstroClockActivePeriod', sunsetOffset: offset, sunriseOffset: -offset }],
  fixedTimeControls: controls.map(([startTime, levelPercent]) => ({ startTime: startTime as CivilTime, levelPercent })),
});

/** Bruyères-et-Montbérault: off from 23:30 to 05:30, except the night of Saturday. */
const commune: Calendar = {
  id: 'bruyeres',
  version: 1,
  name: 'Bruyères',
  by: 'account-mayor',
  rules: [
    { startDate: civilDate('2025-07-13'), endDate: civilDate('2025-07-14'), program: 'nuit-entiere' },
    { condition: { type: 'ccDay', days: [{ start: 6 }] }, program: 'nuit-entiere' },
  ],
  defaultProgram: 'village',
};
const plan: YearPlan = {
  programs: [
    program('nuit-entiere', 15, []),
    program('exact', 0, []),
    program('village', 15, [
      ['05:30', 100],
      ['23:30', 0],
    ]),
    program('abaissement', 15, [
      ['05:00', 100],
      ['23:00', 50],
    ]),
  ],
  calendars: [commune],
  defaultLevelPercent: 100,
};
const light = (more: Partial<SimulatedLight>): SimulatedLight => ({ position: LAON, powerTable: TABLE, ...more });

describe('a year in Laon', () => {
  const simulator = createYearSimulator(2025, PARIS, 12);
  const yearOf = (...lights: readonly SimulatedLight[]) => simulator.simulate({ plan, lights, price: PRICE, carbon: RTE_2024 });

  test('has the hours that the trade counts on: 4,286 from sunset to sunrise, 4,103 with a quarter of an hour less at each end', () => {
    expect(yearOf(light({ program: 'exact' })).litHours).toBeCloseTo(4286, -1);
    expect(yearOf(light({ program: 'nuit-entiere' })).litHours).toBeCloseTo(4103, -1);
  });

  test('costs what the power table draws at each level', () => {
    const { energyWh, costEuroCents, co2Grams, carbonVersion } = yearOf(light({ program: 'nuit-entiere' }));
    expect(energyWh / 1000).toBeCloseTo(164, 0);
    expect(costEuroCents).toBeCloseTo((energyWh / 1000) * 20, 6);
    expect(co2Grams).toBeCloseTo((energyWh / 1000) * 21.7, 6);
    expect(carbonVersion).toBe('RTE, mix de production 2024');
    expect(yearOf(light({ program: 'abaissement' })).energyWh / 1000).toBeCloseTo(123.6, 0);
  });

  test('says how long a light is lit below the floor of its class', () => {
    const { litHours, belowFloorHours } = yearOf(light({ program: 'abaissement', floorPercent: 67 }));
    expect(belowFloorHours).toBeCloseTo(2190, -1);
    expect(litHours).toBeCloseTo(4103, -1);
  });

  test('is what the gateway would do, minute by minute', () => {
    const lamp = deviceId('luminaire-01');
    const resolver = createLevelResolver({
      ...plan,
      timeZone: PARIS,
      position: LAON,
      groups: [],
      assignments: [{ target: { kind: 'all' }, calendar: 'bruyeres' }],
    });
    const from = startOfDay(civilDate('2025-01-01'), PARIS) + 12 * 3_600_000;
    const to = startOfDay(civilDate('2026-01-01'), PARIS) + 12 * 3_600_000;
    let litMs = 0;
    for (let at = from; at < to; ) {
      const { levelPercent, nextChangeAt } = resolver.resolve(lamp, instant(at));
      const until = Math.min(nextChangeAt ?? to, to);
      if (levelPercent > 0) litMs += until - at;
      at = until;
    }
    expect(yearOf(light({ calendar: 'bruyeres' })).litHours).toBeCloseTo(litMs / 3_600_000, 6);
  });

  test('of many lights is the sum of each, and is not computed anew for another price', () => {
    const lights = [light({ program: 'abaissement' }), light({ calendar: 'bruyeres' }), light({})];
    const together = yearOf(...lights);
    expect(together.energyWh).toBeCloseTo(
      lights.reduce((sum, one) => sum + yearOf(one).energyWh, 0),
      6,
    );
    expect(together.lights[2]?.litHours).toBe(8760);
    const dearer = simulator.simulate({ plan, lights, price: { ...PRICE, euroCentsPerKWh: 40 }, carbon: RTE_2024 });
    expect(dearer.costEuroCents).toBeCloseTo(2 * together.costEuroCents, 6);
  });

  test('changes when a program of the same name does', () => {
    const darker = {
      ...plan,
      programs: plan.programs.map((one) => ({
        ...one,
        fixedTimeControls: [{ startTime: '00:00' as CivilTime, levelPercent: 50 }],
      })),
    };
    const { energyWh } = simulator.simulate({
      plan: darker,
      lights: [light({ program: 'nuit-entiere' })],
      price: PRICE,
      carbon: RTE_2024,
    });
    expect(energyWh / 1000).toBeCloseTo(4103 * 0.0215, 0);
  });
});

describe('the picture of a year', () => {
  const picture = drawYear({ year: 2025, zone: PARIS, dayOffset: 12, position: LAON, plan, source: commune, stepMinutes: 15 });
  const levelAt = (dayOfYear: number, stepsAfterNoon: number): number | undefined =>
    picture.levels[(dayOfYear - 1) * picture.columns + stepsAfterNoon];

  test('has a row for each night and a column for each quarter of an hour, from noon to noon', () => {
    expect(picture).toMatchObject({ rows: 365, columns: 96 });
    expect(picture.levels).toHaveLength(365 * 96);
  });

  test('shows a Friday dark at midnight and a Saturday lit', () => {
    expect(levelAt(3, 48)).toBe(0);
    expect(levelAt(4, 48)).toBe(100);
    expect(levelAt(3, 40)).toBe(100);
    expect(levelAt(3, 8)).toBe(0);
  });
});

describe('rules of a calendar that a year brings together', () => {
  test('are said with the days on which the first hides the other', () => {
    const two: Calendar = {
      ...commune,
      rules: [
        { condition: { type: 'ccDate', dates: [{ start: '--07-12' }] }, program: 'village' },
        { condition: { type: 'ccDay', days: [{ start: 6 }] }, program: 'nuit-entiere' },
        { startDate: civilDate('2024-01-01'), endDate: civilDate('2024-12-31'), program: 'village' },
      ],
    };
    const [first, saturdays, former] = calendarConflicts(two, 2025);
    expect(first).toEqual({ rule: 0, matching: 1, hidden: [] });
    expect(saturdays).toEqual({ rule: 1, matching: 52, hidden: [{ date: '2025-07-12', by: 0 }] });
    expect(former).toEqual({ rule: 2, matching: 0, hidden: [] });
  });
});
