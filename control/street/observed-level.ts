import { expectedPower, type PowerTable } from '#domain/lighting/expected-power.ts';
import { proofTolerance } from '#domain/lighting/prove-level.ts';
import { percent } from '#domain/units.ts';

export interface ObservedLevel {
  /** What the level in effect should draw, in watts; null when it is not known. */
  readonly expectedPowerW: number | null;
  readonly observed: 'proved' | 'not-provable' | 'differs' | 'unknown';
}

/** Two readings of a round are a few seconds apart; further apart, they are not of the same light. Elapsed milliseconds. */
const SAME_LIGHT_MS = 120_000;

interface Known {
  readonly value: number | null;
  readonly at: number | null;
}

/**
 * What a lamp's own power says of the level in effect: proved when it is in the band of that level (the larger of 15 %
 * and 2 W), `differs` when it is outside, `not-provable` when the lamp has no recent power of its own, `unknown` when the
 * level in effect is not known. `speed`: civil seconds in one elapsed second.
 */
export const observeLevel = (table: PowerTable, effective: Known, power: Known, speed: number): ObservedLevel => {
  if (effective.value === null || effective.at === null) return { expectedPowerW: null, observed: 'unknown' };
  const expectedPowerW = expectedPower(table, percent(effective.value));
  if (power.value === null || power.at === null || Math.abs(power.at - effective.at) > SAME_LIGHT_MS * speed)
    return { expectedPowerW, observed: 'not-provable' };
  const isInBand = Math.abs(power.value - expectedPowerW) <= proofTolerance(expectedPowerW);
  return { expectedPowerW, observed: isInBand ? 'proved' : 'differs' };
};
