import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';

/** What one quantity says for a profile: `earned` of `weight`, both the more, the rarer such a value is by chance. */
export interface Evidence {
  readonly weight: number;
  readonly earned: number;
}

type Band = readonly [number, number];

/** EN 50160: 50 Hz ± 1 % all year, and the 60 Hz of other countries. */
const FREQUENCIES: readonly Band[] = [
  [49, 51],
  [59, 61],
];
/** EN 50160: 230 V ± 10 %. */
const VOLTAGES: readonly Band[] = [[207, 253]];

const TELLING: Readonly<Partial<Record<QuantityName, { readonly weight: number; readonly bands: readonly Band[] }>>> = {
  frequencyHz: { weight: 8, bands: FREQUENCIES },
  voltageV: { weight: 6, bands: VOLTAGES },
  voltageL1V: { weight: 6, bands: VOLTAGES },
  voltageL2V: { weight: 6, bands: VOLTAGES },
  voltageL3V: { weight: 6, bands: VOLTAGES },
};

/** Quantities of which right words give a value that wrong ones nearly never give. */
export const isTelling = (quantity: QuantityName): boolean => TELLING[quantity] !== undefined;

/** Most that a low-voltage device shows, by unit. */
const MOST: Readonly<Partial<Record<string, number>>> = {
  W: 1e6,
  var: 1e6,
  VA: 1e6,
  A: 5000,
  Wh: 1e11,
  h: 500_000,
  '°C': 150,
  lx: 150_000,
};
/** A float with its words in the wrong order is often next to nothing, and never just nothing. */
const LEAST = 1e-4;
const STATE_WEIGHT = 0.5;
const PHASE_WITHOUT_VOLTAGE: Evidence = { weight: 1, earned: 0 };

const weightOf = (quantity: QuantityName): number =>
  TELLING[quantity]?.weight ?? (QUANTITIES[quantity].kind === 'state' ? STATE_WEIGHT : 1);

const isLikely = (quantity: QuantityName, value: number): boolean => {
  const size = Math.abs(value);
  return size >= LEAST && size <= (MOST[QUANTITIES[quantity].unit] ?? QUANTITIES[quantity].max);
};

/** Null: refused, unknown to the device, or beyond what the quantity can be. A zero fits anything, so it tells half as much. */
export const evidenceOf = (quantity: QuantityName, value: number | null): Evidence => {
  const weight = weightOf(quantity);
  const telling = TELLING[quantity];
  if (value === null) return { weight, earned: 0 };
  if (telling !== undefined) {
    if (value === 0 && quantity !== 'frequencyHz') return PHASE_WITHOUT_VOLTAGE;
    return { weight, earned: telling.bands.some(([least, most]) => value >= least && value <= most) ? weight : 0 };
  }
  if (value === 0) return { weight: weight / 2, earned: weight / 2 };
  return { weight, earned: isLikely(quantity, value) ? weight : 0 };
};

/** Evidence at which half of the doubt is gone. */
const HALF_SURE = 4;

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** From 0 to 1: what part of what a page says is plausible. */
export const fitOf = (evidence: readonly Evidence[]): number => {
  const weight = sumOf(evidence.map((each) => each.weight));
  return weight === 0 ? 0 : sumOf(evidence.map((each) => each.earned)) / weight;
};

/** From 0 to 1: how well everything fits, times how much there is of it. */
export const scoreOf = (evidence: readonly Evidence[]): number => {
  const earned = sumOf(evidence.map((each) => each.earned));
  return (fitOf(evidence) ** 2 * earned) / (earned + HALF_SURE);
};
