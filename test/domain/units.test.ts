import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { celsius, energyOf, hours, lux, meanPower, minutes, percent, seconds, wattHours, watts } from '#domain/units.ts';

const power = fc.double({ min: -1e7, max: 1e7, noNaN: true });
const duration = fc.double({ min: 0.1, max: 86_400 * 366, noNaN: true });

describe('a number has a unit', () => {
  test.each([
    ['watts', watts],
    ['watt-hours', wattHours],
    ['seconds', seconds],
    ['hours', hours],
    ['degrees', celsius],
    ['lux', lux],
  ])('%s are never infinite nor undefined', (_name, make) => {
    expect(make(-3.5)).toBe(-3.5);
    for (const impossible of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(() => make(impossible)).toThrow(RangeError);
  });

  test('a percentage lies between 0 and 100, both included', () => {
    expect(percent(0)).toBe(0);
    expect(percent(100)).toBe(100);
    for (const impossible of [-0.01, 100.01, Number.NaN]) expect(() => percent(impossible)).toThrow(RangeError);
  });

  test('a quarter of an hour is 900 s', () => {
    expect(minutes(15)).toBe(900);
  });
});

describe('energy and power', () => {
  test('40 W during 30 minutes is 20 Wh, and 20 Wh over 30 minutes is 40 W', () => {
    expect(energyOf(watts(40), minutes(30))).toBe(20);
    expect(meanPower(wattHours(20), minutes(30))).toBe(40);
  });

  test('injection stays negative', () => {
    expect(meanPower(wattHours(-500), minutes(60))).toBe(-500);
  });

  test('a mean over no time, or over negative time, is refused', () => {
    expect(() => meanPower(wattHours(1), seconds(0))).toThrow(RangeError);
    expect(() => meanPower(wattHours(1), seconds(-60))).toThrow(RangeError);
  });

  test('the mean power of the energy of a constant power is that power', () => {
    fc.assert(
      fc.property(power, duration, (given, held) => {
        const found = meanPower(energyOf(watts(given), seconds(held)), seconds(held));
        expect(Math.abs(found - given)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(given)));
      }),
    );
  });

  test('energies of consecutive durations add up', () => {
    fc.assert(
      fc.property(power, duration, duration, (given, first, second) => {
        const apart = energyOf(watts(given), seconds(first)) + energyOf(watts(given), seconds(second));
        const together = energyOf(watts(given), seconds(first + second));
        expect(Math.abs(apart - together)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(together)));
      }),
    );
  });
});
