import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, civilDate } from '#domain/civil-time.ts';
import { costOfDay, costOfDays, defineTariff, standingCentsOfDay, tariffOn } from '#domain/energy/tariff.ts';
import { edfBase6kVA } from '#domain/energy/tariffs/edf-base-6kva.ts';
import { wattHours } from '#domain/units.ts';

const measured = (energyWh: number) => ({ energyWh: wattHours(energyWh), quality: 'measured' as const });

describe('EDF Base 6 kVA', () => {
  it('costs 19.40 c€ a kWh and 15.65 € a month since February 2026', () => {
    expect(tariffOn(edfBase6kVA, civilDate('2026-11-24'))).toMatchObject({
      from: '2026-02-01',
      energyEuroCentsPerKWh: 19.4,
      standingEurosPerMonth: 15.65,
    });
    // 8 kWh × 19.40 c€ = 155.2 c€, and 15.65 € × 12 / 365 = 51.45 c€.
    expect(costOfDay(edfBase6kVA, civilDate('2026-11-24'), measured(8000))).toEqual({ cents: 207, quality: 'measured' });
  });

  it('costs its standing charge on a day without consumption, one 366th of the year in a leap year', () => {
    expect(costOfDay(edfBase6kVA, civilDate('2026-11-24'), measured(0)).cents).toBe(51);
    expect(standingCentsOfDay(edfBase6kVA, civilDate('2028-01-01'))).toBeCloseTo((1565 * 12) / 366, 9);
    expect(standingCentsOfDay(edfBase6kVA, civilDate('2027-01-01'))).toBeCloseTo((1565 * 12) / 365, 9);
  });

  it('of a day without measure, or whose standing charge no source gives, is unknown', () => {
    expect(costOfDay(edfBase6kVA, civilDate('2026-11-24'), { energyWh: null, quality: 'missing' })).toEqual({
      cents: null,
      quality: 'missing',
    });
    expect(costOfDay(edfBase6kVA, civilDate('2025-09-01'), measured(8000))).toEqual({ cents: null, quality: 'missing' });
    expect(costOfDay(edfBase6kVA, civilDate('2020-01-01'), measured(8000))).toEqual({ cents: null, quality: 'missing' });
  });

  it('is an estimate when its energy is', () => {
    expect(costOfDay(edfBase6kVA, civilDate('2026-11-24'), { ...measured(8000), quality: 'estimated' }).quality).toBe(
      'estimated',
    );
  });
});

describe('several days', () => {
  const changing = defineTariff({
    id: 'changing',
    name: 'A price that changes in mid-month',
    periods: [
      { from: '2026-01-01', energyEuroCentsPerKWh: 20, standingEurosPerMonth: 10, source: 'test' },
      { from: '2026-06-16', energyEuroCentsPerKWh: 30, standingEurosPerMonth: 20, source: 'test' },
    ],
  });

  it('take each day at its own price when it changes in mid-month', () => {
    const days = Array.from({ length: 30 }, (_, index) => ({ date: addDays(civilDate('2026-06-01'), index), ...measured(1000) }));
    const exact = 15 * (20 + (1000 * 12) / 365) + 15 * (30 + (2000 * 12) / 365);
    expect(costOfDays(changing, days)).toEqual({ cents: Math.round(exact), quality: 'measured' });
  });

  it('cost what their days cost, within half a cent a day', () => {
    const energies = fc.array(fc.nat(80_000), { minLength: 28, maxLength: 31 });
    fc.assert(
      fc.property(energies, fc.constantFrom('2026-06-01', '2026-02-01', '2028-02-01'), (list, first) => {
        const days = list.map((energyWh, index) => ({ date: addDays(civilDate(first), index), ...measured(energyWh) }));
        const sum = days.reduce((total, day) => total + (costOfDay(changing, day.date, day).cents ?? 0), 0);
        expect(Math.abs(sum - (costOfDays(changing, days).cents ?? 0))).toBeLessThanOrEqual(days.length / 2 + 0.5);
      }),
    );
  });

  it('are unknown when one of them is', () => {
    const days = [
      { date: civilDate('2026-06-01'), ...measured(1000) },
      { date: civilDate('2026-06-02'), energyWh: null, quality: 'missing' as const },
    ];
    expect(costOfDays(changing, days)).toEqual({ cents: null, quality: 'missing' });
  });

  it('need prices in order of date', () => {
    const periods = [...changing.periods].reverse();
    expect(() => defineTariff({ ...changing, periods })).toThrow('must ascend');
  });
});
