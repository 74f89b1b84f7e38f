import { arcLevelOf, daliArcLevel, lightOf } from '#domain/lighting/light-level.ts';
import type { LightingClass } from '#domain/lighting/lighting-class.ts';
import { percent } from '#domain/units.ts';

/** How a luminaire is dimmed: which levels it has. */
export type DimmingCurve =
  /** Arc levels of the standard logarithmic curve (IEC 62386-102). */
  | { readonly kind: 'dali-logarithmic' }
  /** Arc levels on a straight line (`daliLedLinear` in TALQ). */
  | { readonly kind: 'dali-linear' }
  /** Any level. */
  | { readonly kind: 'continuous' }
  /** These levels only, ascending, % of full light: two for a bi-level gear, 100 alone for a relay. */
  | { readonly kind: 'steps'; readonly levelsPercent: readonly number[] };

/** What a street has when its luminaires are new and full. */
export interface Photometry {
  readonly family: LightingClass['family'];
  /** Average at 100 %, new: cd/m² for M, lx for C and P. */
  readonly installed: number;
  /** Share that remains at the worst of a maintenance cycle, above 0 up to 1. */
  readonly maintenanceFactor: number;
  /** Lowest level at which the luminaire gives a steady light, % of full light. */
  readonly minimumPercent: number;
  readonly dimming: DimmingCurve;
  /** A crossing, a junction: never dimmed. */
  readonly isConflictArea: boolean;
}

export interface ClassLevel {
  /** Whole, 0 to 100 % of full light. */
  readonly levelPercent: number;
  /** Whether the class is reached; else the street is too weakly equipped, and the level is 100 %. */
  readonly isReached: boolean;
  /** Why it is above what the class needs. */
  readonly because: 'class' | 'minimum' | 'conflict-area' | 'too-weak';
}

const FULL: number = 100;
const ARC_STEPS = 254;

/** Light that a luminaire really gives when it is asked a level, % of full light. */
const lightGiven = (levelPercent: number, dimming: DimmingCurve): number => {
  switch (dimming.kind) {
    case 'dali-logarithmic':
      return lightOf(arcLevelOf(percent(levelPercent)));
    case 'dali-linear':
      return (daliArcLevel(Math.round((ARC_STEPS * levelPercent) / FULL)) / ARC_STEPS) * FULL;
    case 'continuous':
      return levelPercent;
    case 'steps':
      return dimming.levelsPercent.findLast((step) => step <= levelPercent) ?? 0;
  }
};

/** The least whole level whose light is at least this, % of full light; never below what an arc step loses. */
const leastLevelGiving = (light: number, dimming: DimmingCurve): number => {
  for (let level = 1; level < FULL; level += 1) if (lightGiven(level, dimming) >= light) return level;
  return FULL;
};

/** Maintained average that a level gives, in the unit of its family. */
export const averageAt = (levelPercent: number, { installed, maintenanceFactor, dimming }: Photometry): number =>
  (installed * maintenanceFactor * lightGiven(levelPercent, dimming)) / FULL;

/**
 * The level at which a street has a class: the class's average over what the street has, maintained, at 100 %; not below
 * the luminaire's minimum, and full where there is a conflict area. Dimming all luminaires alike keeps the uniformity.
 * Throws a RangeError when the photometry is not of the class's family.
 */
export const levelForClass = (asked: LightingClass, photometry: Photometry): ClassLevel => {
  const { family, installed, maintenanceFactor, minimumPercent, dimming, isConflictArea } = photometry;
  if (family !== asked.family) throw new RangeError(`A photometry of family ${family} says nothing of class ${asked.name}`);
  const needed = (asked.average / (installed * maintenanceFactor)) * FULL;
  if (needed > FULL) return { levelPercent: FULL, isReached: false, because: 'too-weak' };
  if (isConflictArea) return { levelPercent: FULL, isReached: true, because: 'conflict-area' };
  const level = leastLevelGiving(needed, dimming);
  const least = Math.ceil(minimumPercent);
  return level < least
    ? { levelPercent: leastLevelGiving(least, dimming), isReached: true, because: 'minimum' }
    : { levelPercent: level, isReached: true, because: 'class' };
};
