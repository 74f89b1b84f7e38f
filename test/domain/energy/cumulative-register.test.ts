import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, civilDate, type Instant, instant, parseInstant, startOfDay, timeZone } from '#domain/civil-time.ts';
import {
  countRegister,
  DAY_BOUNDARY,
  ORDINARY_REGISTER,
  type RegisterTraits,
  registerStep,
} from '#domain/energy/cumulative-register.ts';
import type { RegisterReading } from '#domain/energy/reading.ts';
import { wattHours } from '#domain/units.ts';

const PARIS = timeZone('Europe/Paris');
const MINUTE = 60_000;
const reading = (at: Instant | string, registerWh: number, sure = true): RegisterReading => ({
  at: typeof at === 'string' ? parseInstant(at) : at,
  registerWh: wattHours(registerWh),
  sure,
});
const day = (date: string) => {
  const from = startOfDay(civilDate(date), PARIS);
  return { from, to: startOfDay(addDays(civilDate(date), 1), PARIS) };
};
const energyOfDay = (date: string, readings: readonly RegisterReading[], traits: RegisterTraits = ORDINARY_REGISTER) => {
  const { from, to } = day(date);
  return countRegister(readings, traits).between(from, to, DAY_BOUNDARY);
};

describe('a register between two readings', () => {
  const earlier = reading('2026-11-24T10:00:00Z', 99_990);
  const hourLater = (registerWh: number) => reading('2026-11-24T11:00:00Z', registerWh);

  it('counts what it grew by', () => {
    expect(registerStep(earlier, hourLater(100_240), ORDINARY_REGISTER)).toEqual({ energyWh: 250, event: null });
  });
  it('that began again at its maximum counts both sides', () => {
    const traits = { ...ORDINARY_REGISTER, maximumWh: wattHours(100_000) };
    expect(registerStep(earlier, hourLater(240), traits)).toEqual({ energyWh: 250, event: 'rollover' });
  });
  it('that was set to zero counts what the new count shows', () => {
    expect(registerStep(earlier, hourLater(240), ORDINARY_REGISTER)).toEqual({ energyWh: 240, event: 'reset' });
    const farFromMaximum = { ...ORDINARY_REGISTER, maximumWh: wattHours(10_000_000) };
    expect(registerStep(earlier, hourLater(240), farFromMaximum)).toEqual({ energyWh: 240, event: 'reset' });
  });
  it('that jumps further than its meter can count is no energy', () => {
    expect(registerStep(earlier, hourLater(9_000_000), ORDINARY_REGISTER)).toEqual({ energyWh: 0, event: 'jump' });
  });
  it('of two meters is no energy, even when the new one shows more', () => {
    const traits = { ...ORDINARY_REGISTER, replacedAt: [parseInstant('2026-11-24T10:30:00Z')] };
    expect(registerStep(earlier, hourLater(100_240), traits)).toEqual({ energyWh: 0, event: 'replacement' });
  });
  it('is never negative nor more than 36 kW can make', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(10_000_000), fc.integer({ min: 1, max: 100_000 }), (first, second, elapsedS) => {
        const later = reading(instant(earlier.at + elapsedS * 1000), second);
        const { energyWh } = registerStep({ ...earlier, registerWh: wattHours(first) }, later, ORDINARY_REGISTER);
        expect(energyWh).toBeGreaterThanOrEqual(0);
        expect(energyWh).toBeLessThanOrEqual(elapsedS * 10 + 100);
      }),
    );
  });
});

describe('the energy of a civil day', () => {
  it('is measured when both midnights have a reading within a quarter of an hour', () => {
    const { from, to } = day('2026-11-24');
    const readings = [reading(instant(from + 2 * MINUTE), 1000), reading(instant(to + 15 * MINUTE), 9000)];
    expect(energyOfDay('2026-11-24', readings)).toEqual({ energyWh: 8000, quality: 'measured', events: [] });
  });

  it('is estimated between the readings around a midnight further away', () => {
    const { from, to } = day('2026-11-24');
    const readings = [reading(from, 1000), reading(instant(to - 60 * MINUTE), 8000), reading(instant(to + 60 * MINUTE), 9000)];
    expect(energyOfDay('2026-11-24', readings)).toEqual({ energyWh: 7500, quality: 'estimated', events: [] });
  });

  it('is missing, never zero, when a midnight has no reading on one side', () => {
    const { from } = day('2026-11-24');
    expect(energyOfDay('2026-11-24', [reading(from, 1000)])).toEqual({ energyWh: null, quality: 'missing', events: [] });
    expect(energyOfDay('2026-11-24', [])).toEqual({ energyWh: null, quality: 'missing', events: [] });
  });

  it('is missing when a meter was silent for more than a week', () => {
    const { from, to } = day('2026-11-24');
    const readings = [reading(instant(from - 5 * 86_400_000), 0), reading(instant(to + 5 * 86_400_000), 90_000)];
    expect(energyOfDay('2026-11-24', readings).quality).toBe('missing');
  });

  it('is an estimate when a reading was doubtful, or the meter reset or replaced in the day', () => {
    const { from, to } = day('2026-11-24');
    expect(energyOfDay('2026-11-24', [reading(from, 1000, false), reading(to, 9000)]).quality).toBe('estimated');
    const noon = instant(from + 12 * 3_600_000);
    const reset = [reading(from, 50_000), reading(noon, 54_000), reading(to, 3000)];
    expect(energyOfDay('2026-11-24', reset)).toEqual({ energyWh: 7000, quality: 'estimated', events: ['reset'] });
    const replaced = [reading(from, 50_000), reading(noon, 54_000), reading(instant(noon + MINUTE), 10), reading(to, 3010)];
    const traits = { ...ORDINARY_REGISTER, replacedAt: [instant(noon + MINUTE)] };
    expect(energyOfDay('2026-11-24', replaced, traits)).toEqual({
      energyWh: 7000,
      quality: 'estimated',
      events: ['replacement'],
    });
  });

  it.each([
    ['2026-03-29', 23],
    ['2026-11-24', 24],
    ['2026-10-25', 25],
  ])('of %s holds %d hours', (date, hours) => {
    const { from, to } = day(date);
    expect((to - from) / 3_600_000).toBe(hours);
    const readings = Array.from({ length: 30 * 60 }, (_, minute) => reading(instant(from + (minute - 60) * MINUTE), minute * 10));
    expect(energyOfDay(date, readings)).toEqual({ energyWh: hours * 600, quality: 'measured', events: [] });
  });

  it('adds up, day after day, to what the register grew by, to the watt-hour', () => {
    const first = startOfDay(civilDate('2026-10-20'), PARIS);
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 0, max: 500 })), {
      minLength: 200,
      maxLength: 600,
    });
    fc.assert(
      fc.property(steps, (moves) => {
        let at = first - 10 * MINUTE;
        let register = 0;
        const readings = [reading(instant(at), 0)];
        for (const [minutes, energy] of moves) {
          at += minutes * MINUTE;
          register += Math.min(energy, minutes * 100);
          readings.push(reading(instant(at), register));
        }
        const count = countRegister(readings);
        const days = Array.from({ length: 10 }, (_, index) => {
          const date = addDays(civilDate('2026-10-20'), index);
          return count.between(startOfDay(date, PARIS), startOfDay(addDays(date, 1), PARIS), DAY_BOUNDARY);
        });
        const complete = days.slice(
          0,
          days.findIndex(({ energyWh }) => energyWh === null),
        );
        const whole = count.between(first, startOfDay(addDays(civilDate('2026-10-20'), complete.length), PARIS), DAY_BOUNDARY);
        const sum = complete.reduce((total, { energyWh }) => total + (energyWh ?? 0), 0);
        expect(sum).toBeCloseTo(whole.energyWh ?? 0, 6);
        expect(complete.every(({ energyWh }) => (energyWh ?? -1) >= 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
