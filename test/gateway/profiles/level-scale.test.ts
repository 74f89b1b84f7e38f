import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LEVEL_SCALES, levelPercentOf, rawLevelOf } from '#gateway/profiles/level-scale.ts';

describe('light levels as devices count them', () => {
  test.each([
    ['percent', 50, 50],
    ['permille', 505, 50.5],
    ['byte', 255, 100],
    ['byte', 51, 20],
    ['dali-linear', 127, 50],
    ['dali-logarithmic', 254, 100],
    ['dali-logarithmic', 1, 0.1],
    ['dali-logarithmic', 0, 0],
  ] as const)('%s %d is %d % of full light', (scale, raw, percent) => {
    expect(levelPercentOf(raw, scale)).toBe(percent);
    expect(rawLevelOf(percent, scale)).toBe(raw);
  });

  test.each([
    ['dali-logarithmic', 255],
    ['dali-linear', 255],
    ['byte', 256],
    ['percent', 101],
    ['permille', 0xffff],
  ] as const)('on the %s scale %d is no level: MASK, or a device that does not know', (scale, raw) => {
    expect(levelPercentOf(raw, scale)).toBeNull();
  });

  test('what was asked comes back as the step it was written in, and some light is never none', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LEVEL_SCALES), fc.integer({ min: 0, max: 1000 }), (scale, tenths) => {
        const raw = rawLevelOf(tenths / 10, scale);
        const back = levelPercentOf(raw, scale) ?? Number.NaN;
        expect(rawLevelOf(back, scale)).toBe(raw);
        expect(back > 0).toBe(tenths > 0);
      }),
    );
  });
});
