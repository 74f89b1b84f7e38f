import { arcLevelOf, daliArcLevel, lightOf } from '#domain/lighting/light-level.ts';
import { percent } from '#domain/units.ts';

/**
 * How a device counts a light level; ours is always % of full light. `percent` 0 to 100, `permille` 0 to 1000, `byte` 0 to
 * 255, `dali-linear` 0 to 254 in proportion, `dali-logarithmic` 0 to 254 on the standard curve of IEC 62386-102.
 */
export const LEVEL_SCALES = ['percent', 'permille', 'byte', 'dali-linear', 'dali-logarithmic'] as const;
export type LevelScale = (typeof LEVEL_SCALES)[number];

const FULL: Readonly<Record<LevelScale, number>> = {
  percent: 100,
  permille: 1000,
  byte: 255,
  'dali-linear': 254,
  'dali-logarithmic': 254,
};

const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

/** % of full light, to the thousandth. Null above the scale's full light: DALI's MASK (255) is no level. */
export const levelPercentOf = (raw: number, scale: LevelScale): number | null => {
  if (!Number.isInteger(raw) || raw < 0 || raw > FULL[scale]) return null;
  return thousandths(scale === 'dali-logarithmic' ? lightOf(daliArcLevel(raw)) : (raw * 100) / FULL[scale]);
};

/** The device's nearest step to a level in % of full light, 0 to 100. Some light is never rounded to none. */
export const rawLevelOf = (levelPercent: number, scale: LevelScale): number => {
  if (scale === 'dali-logarithmic') return arcLevelOf(percent(levelPercent));
  const nearest = Math.round((levelPercent * FULL[scale]) / 100);
  return levelPercent > 0 ? Math.max(1, nearest) : nearest;
};
