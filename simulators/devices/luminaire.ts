import { z } from 'zod';

/** What the years and the present have written in a luminaire and its control gear; the levels are in % of full light. */
export const luminaireState = z.object({
  /** Last level asked by the line. */
  askedPercent: z.number(),
  /** Level of the light now; between two levels while it fades. */
  levelPercent: z.number(),
  /** Where a fade goes, and how fast in % per second. */
  fadePercentPerSecond: z.number(),
  /** DALI fade time code 0 to 15. */
  fadeTime: z.number(),
  /** Active power as the gear measures it: it follows the light with a small lag. */
  powerW: z.number(),
  temperatureC: z.number(),
  energyWh: z.number(),
  burningSeconds: z.number(),
  starts: z.number(),
  supplied: z.boolean(),
  /** The supply came back and no level was asked since. */
  powerCycleSeen: z.boolean(),
  /** What the gear does alone, in its memory: when its supply comes back, and when its DALI line has none. */
  powerOnPercent: z.number().default(100),
  systemFailurePercent: z.number().default(100),
});
export type LuminaireState = z.infer<typeof luminaireState>;

export type LuminaireIllness = 'none' | 'lamp-failure' | 'day-burner' | 'dimming-failure';

export interface LuminaireModel {
  readonly ratedW: number;
  /** Share by which this piece differs from its type, such as 0.01. */
  readonly tolerance: number;
}

/** Seconds of a DALI fade by its code 0 to 15: 0.5·√2ⁿ (IEC 62386-102); code 0 is at once. */
export const fadeSeconds = (code: number): number => (code === 0 ? 0 : 0.5 * Math.SQRT2 ** code);

const STANDBY_W = 0.4;
/** The gear measures its power as a first-order mean of this time constant. */
const MEASURING_SECONDS = 0.8;
const HEATING_SECONDS = 1500;
const KELVIN_AT_FULL_POWER = 28;
const SETTLING_STEP_SECONDS = 0.25;

/**
 * What the driver draws at a level once settled. Its own losses are 6.5 % of the rated power; the rest grows a little faster
 * than the light, because light-emitting diodes lose efficacy as their current rises.
 */
export const settledPower = ({ ratedW, tolerance }: LuminaireModel, levelPercent: number): number => {
  if (levelPercent <= 0) return STANDBY_W;
  const light = levelPercent / 100;
  return ratedW * (1 + tolerance) * (0.065 + 0.79 * light + 0.145 * light * light);
};

/** Light that leaves the luminaire, whatever the gear believes. */
const burningLevel = (state: LuminaireState, illness: LuminaireIllness): number => {
  if (!state.supplied || illness === 'lamp-failure') return 0;
  return illness === 'day-burner' ? 100 : state.levelPercent;
};

const targetPower = (state: LuminaireState, model: LuminaireModel, illness: LuminaireIllness): number =>
  state.supplied ? settledPower(model, burningLevel(state, illness)) : 0;

export const isFading = (state: LuminaireState): boolean => state.supplied && state.levelPercent !== state.askedPercent;

export const isBurning = (state: LuminaireState, illness: LuminaireIllness): boolean => burningLevel(state, illness) > 0;

/** The line asks for a level: the light fades to it within the fade time. A gear whose dimming failed keeps its light. */
export const askLevel = (state: LuminaireState, levelPercent: number, illness: LuminaireIllness): void => {
  const wasDark = state.levelPercent <= 0;
  const duration = fadeSeconds(state.fadeTime);
  state.askedPercent = levelPercent;
  state.powerCycleSeen = false;
  state.fadePercentPerSecond = duration === 0 ? 0 : Math.abs(levelPercent - state.levelPercent) / duration;
  if (wasDark && levelPercent > 0 && illness === 'none') state.starts += 1;
};

/** The circuit is cut, or comes back: then the gear lights at its power-on level, as DALI gear does. */
export const supplyLuminaire = (state: LuminaireState, supplied: boolean, powerOnPercent: number): void => {
  if (state.supplied === supplied) return;
  state.supplied = supplied;
  state.powerW = 0;
  state.levelPercent = supplied ? powerOnPercent : 0;
  state.askedPercent = state.levelPercent;
  state.powerCycleSeen = supplied;
  if (supplied) state.starts += 1;
};

const fade = (state: LuminaireState, seconds: number, illness: LuminaireIllness): void => {
  if (!isFading(state) || illness === 'dimming-failure') return;
  const distance = state.askedPercent - state.levelPercent;
  const reach = state.fadePercentPerSecond === 0 ? Infinity : state.fadePercentPerSecond * seconds;
  state.levelPercent = Math.abs(distance) <= reach ? state.askedPercent : state.levelPercent + Math.sign(distance) * reach;
};

/** Moves light and power through a short time; the energy drawn in it, in Wh. */
const settleFor = (state: LuminaireState, model: LuminaireModel, illness: LuminaireIllness, seconds: number): number => {
  fade(state, seconds, illness);
  const target = targetPower(state, model, illness);
  const distance = state.powerW - target;
  const left = distance * Math.exp(-seconds / MEASURING_SECONDS);
  const joules = target * seconds + MEASURING_SECONDS * (distance - left);
  state.powerW = Math.abs(left) < 1e-4 ? target : target + left;
  return joules / 3600;
};

export interface LuminaireStep {
  readonly seconds: number;
  readonly ambientC: number;
  readonly illness: LuminaireIllness;
}

/** Moves a luminaire through some seconds of steady surroundings; the energy it drew in them, in Wh. */
export const advanceLuminaire = (state: LuminaireState, model: LuminaireModel, step: LuminaireStep): number => {
  let energyWh = 0;
  let left = step.seconds;
  const stuck = step.illness === 'dimming-failure';
  while (left > 0 && ((isFading(state) && !stuck) || state.powerW !== targetPower(state, model, step.illness))) {
    const seconds = Math.min(left, SETTLING_STEP_SECONDS);
    energyWh += settleFor(state, model, step.illness, seconds);
    left -= seconds;
  }
  energyWh += (state.powerW * left) / 3600;
  const warmC = step.ambientC + (KELVIN_AT_FULL_POWER * state.powerW) / model.ratedW;
  state.temperatureC = warmC + (state.temperatureC - warmC) * Math.exp(-step.seconds / HEATING_SECONDS);
  state.energyWh += energyWh;
  if (isBurning(state, step.illness)) state.burningSeconds += step.seconds;
  return energyWh;
};

/** A luminaire that has burned every night, about 4,100 h a year, since it was put up. */
export const agedLuminaire = (model: LuminaireModel, days: number, levelPercent: number): LuminaireState => ({
  askedPercent: levelPercent,
  levelPercent,
  fadePercentPerSecond: 0,
  fadeTime: 4,
  powerW: settledPower(model, levelPercent),
  temperatureC: 12,
  energyWh: Math.round(days * (11.2 * 0.72 * model.ratedW + 12.8 * STANDBY_W)),
  burningSeconds: Math.round(days * 11.2 * 3600),
  starts: Math.round(days * 1.02),
  supplied: true,
  powerCycleSeen: false,
  powerOnPercent: 100,
  systemFailurePercent: 100,
});
