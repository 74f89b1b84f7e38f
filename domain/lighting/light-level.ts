import type { Percent } from '#domain/units.ts';
import { percent } from '#domain/units.ts';

/** Arc power level of a DALI control gear: 0 is off, 1 to 254 is light. 255 (MASK) is no level. */
declare const arc: unique symbol;
export type DaliArcLevel = number & { readonly [arc]: 'dali-arc-level' };

/** Below it, only off exists on the standard logarithmic curve. */
const LOWEST_LIGHT_PERCENT = 0.1;
const STEPS_PER_DECADE = 253 / 3;

export const daliArcLevel = (level: number): DaliArcLevel => {
  if (!Number.isInteger(level) || level < 0 || level > 254) throw new RangeError(`${level} is not a DALI arc level, 0 to 254`);
  return level as DaliArcLevel;
};

/** Light, in % of full light, to the nearest arc level of the standard logarithmic dimming curve (IEC 62386-102). */
export const arcLevelOf = (light: Percent): DaliArcLevel => {
  if (light <= 0) return daliArcLevel(0);
  const bounded = Math.max(LOWEST_LIGHT_PERCENT, light);
  return daliArcLevel(Math.round(STEPS_PER_DECADE * (Math.log10(bounded) + 1) + 1));
};

/** Light of an arc level, in % of full light, on the standard logarithmic dimming curve (IEC 62386-102). */
export const lightOf = (level: DaliArcLevel): Percent =>
  level === 0 ? percent(0) : percent(Math.min(100, 10 ** ((level - 1) / STEPS_PER_DECADE - 1)));

/** A reduction of 30 % leaves 70 % of full light: a reduction is not a level. */
export const levelAfterReduction = (reduction: Percent): Percent => percent(100 - reduction);
