import { describe, expect, test } from 'vitest';
import { arcLevelOf, daliArcLevel, levelAfterReduction, lightOf } from '#domain/lighting/light-level.ts';
import { percent } from '#domain/units.ts';

describe('the standard logarithmic dimming curve', () => {
  test.each([
    [1, 0.1],
    [85, 1],
    [126, 3],
    [144, 5],
    [170, 10.1],
    [195, 20],
    [203, 24.8],
    [210, 30.1],
    [220, 39.5],
    [229, 50.5],
    [235, 59.5],
    [241, 70.1],
    [243, 74],
    [246, 80.4],
    [250, 89.7],
    [254, 100],
  ])('arc level %i is %f per cent of full light', (level, light) => {
    const exact = lightOf(daliArcLevel(level));
    expect(Math.abs(exact - light)).toBeLessThan(0.1);
    expect(arcLevelOf(exact)).toBe(level);
  });

  test('every arc level comes back from its light', () => {
    for (let level = 0; level <= 254; level += 1) expect(arcLevelOf(lightOf(daliArcLevel(level)))).toBe(level);
  });

  test('70 % of full light is arc level 241, and off is 0', () => {
    expect(arcLevelOf(percent(70))).toBe(241);
    expect(arcLevelOf(percent(0))).toBe(0);
    expect(lightOf(daliArcLevel(0))).toBe(0);
  });

  test('MASK is no level', () => {
    expect(() => daliArcLevel(255)).toThrow(RangeError);
  });

  test('a reduction of 30 % leaves 70 % of full light', () => {
    expect(levelAfterReduction(percent(30))).toBe(70);
  });
});
