/** What a control does with the level below it (TALQ 2.7.1). */
export const EFFECT_OPERATIONS = ['Set', 'Max', 'Min', 'Add', 'Sub', 'Mul'] as const;
export type EffectOperation = (typeof EFFECT_OPERATIONS)[number];

const bounded = (levelPercent: number): number => Math.min(100, Math.max(0, levelPercent));

/** Levels in % of full light; `Mul` multiplies shares: 80 % of 50 % is 40 %, to the nearest whole. Never beyond 0 to 100. */
export const applyOperation = (operation: EffectOperation, currentPercent: number, newPercent: number): number => {
  switch (operation) {
    case 'Set':
      return newPercent;
    case 'Max':
      return Math.max(currentPercent, newPercent);
    case 'Min':
      return Math.min(currentPercent, newPercent);
    case 'Add':
      return bounded(currentPercent + newPercent);
    case 'Sub':
      return bounded(currentPercent - newPercent);
    case 'Mul':
      return Math.round((currentPercent * newPercent) / 100);
  }
};
