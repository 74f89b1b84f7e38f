import type { LightPointAnswer } from '#contract/routes/lighting.ts';

export type LightPointHealth = 'normal' | 'watch' | 'fault' | 'unknown' | 'override';

/** The drawn shape of each state: never colour alone. */
export const HEALTH_GLYPHS: Readonly<Record<LightPointHealth, string>> = {
  normal: '●',
  watch: '▲',
  fault: '◆',
  unknown: '◌',
  override: '⬢',
};

/** Level that the control gear says it applies, 0 when its lamp has failed, or null when nobody knows. */
export const observedLevel = (lightPoint: LightPointAnswer): number | null => {
  if (isUnknown(lightPoint)) return null;
  return lightPoint.lampFailure === true ? 0 : lightPoint.effectiveLevelPercent.value;
};

const isUnknown = ({ availability, effectiveLevelPercent }: LightPointAnswer): boolean =>
  availability === 'offline' || availability === 'unknown' || effectiveLevelPercent.value === null;

/** Its level or its power is not what is asked. */
export const departsFromAsked = (lightPoint: LightPointAnswer): boolean =>
  !isUnknown(lightPoint) &&
  (lightPoint.effectiveLevelPercent.value !== lightPoint.askedLevelPercent ||
    lightPoint.observed === 'differs' ||
    (lightPoint.lampFailure === true && lightPoint.askedLevelPercent > 0));

export const healthOf = (lightPoint: LightPointAnswer): LightPointHealth => {
  if (lightPoint.lampFailure === true) return 'fault';
  if (isUnknown(lightPoint)) return 'unknown';
  if (departsFromAsked(lightPoint)) return 'watch';
  return lightPoint.override === null ? 'normal' : 'override';
};
