import { describe, expect, test } from 'vitest';
import { expectedPower, levelDrawing, type PowerTable } from '#domain/lighting/expected-power.ts';
import { isProvable, proveLevel } from '#domain/lighting/prove-level.ts';
import { percent, watts } from '#domain/units.ts';

/** A 40 W luminaire. */
const TABLE: PowerTable = [
  { levelPercent: 0, powerW: 0.4 },
  { levelPercent: 50, powerW: 20 },
  { levelPercent: 70, powerW: 27.6 },
  { levelPercent: 100, powerW: 40 },
];

const ask = (levelPercent: number, previous: number, observed: number | null) =>
  proveLevel({
    table: TABLE,
    level: percent(levelPercent),
    previousLevel: percent(previous),
    observed: observed === null ? null : watts(observed),
  });

describe('the power a level should draw', () => {
  test('is interpolated between the rows of the table and held at its ends', () => {
    expect(expectedPower(TABLE, percent(0))).toBe(0.4);
    expect(expectedPower(TABLE, percent(60))).toBeCloseTo(23.8);
    expect(expectedPower(TABLE, percent(100))).toBe(40);
  });

  test('gives back the level that draws it', () => {
    for (const level of [0, 10, 35, 50, 69, 85, 100])
      expect(levelDrawing(TABLE, expectedPower(TABLE, percent(level)))).toBeCloseTo(level);
    expect(levelDrawing(TABLE, watts(60))).toBe(100);
  });

  test('needs two rows', () => {
    expect(() => expectedPower([{ levelPercent: 0, powerW: 1 }], percent(0))).toThrow(RangeError);
  });
});

describe('a level is proved by the lamp’s own power', () => {
  test('when it is in the band of the level and out of the band of the level before', () => {
    expect(ask(100, 0, 38.2)).toEqual({ outcome: 'proved', observedW: 38.2, expectedW: 40 });
  });

  test('within 2 W where 15 % would be less', () => {
    expect(ask(0, 100, 2.3).outcome).toBe('proved');
    expect(ask(0, 100, 2.5).outcome).toBe('not-yet');
  });

  test('not yet while the power has not moved, nor while it is missing', () => {
    expect(ask(100, 0, 0.4).outcome).toBe('not-yet');
    expect(ask(100, 0, null).outcome).toBe('not-yet');
  });

  test('never when the two levels draw powers too alike', () => {
    expect(isProvable(TABLE, percent(70), percent(70))).toBe(false);
    expect(ask(70, 60, 27.6).outcome).toBe('not-provable');
    expect(ask(100, 100, 40).outcome).toBe('not-provable');
  });
});
