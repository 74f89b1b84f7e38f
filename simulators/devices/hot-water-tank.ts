import { z } from 'zod';

/** Layers of the tank, the coldest (bottom) first. */
export const LAYERS = 5;

export const tankState = z.object({
  layersC: z.array(z.number()).length(LAYERS),
  /** The thermostat asks for heat. */
  thermostatClosed: z.boolean(),
  /** What its element has taken since it was put in, in Wh. */
  energyWh: z.number(),
});
export type TankState = z.infer<typeof tankState>;

export interface TankModel {
  readonly litres: number;
  readonly elementW: number;
  readonly setpointC: number;
}

export interface TankStep {
  readonly seconds: number;
  /** Drawn at the tap, in litres per minute of water at 40 °C. */
  readonly tapLitresPerMinute: number;
  /** The relay lets the thermostat decide; false is no heating. */
  readonly relayClosed: boolean;
}

/** Joules that warm a litre of water by a kelvin. */
const JOULES_PER_LITRE_KELVIN = 4186;
const COLD_WATER_C = 13;
const TAP_C = 40;
const ROOM_C = 20;
/** Standing loss of a 150 L tank: 1.35 kWh a day at 62 °C in a room at 20 °C. */
const LOSS_W_PER_KELVIN_PER_LITRE = 1.35e3 / 24 / 42 / 150;
/** Conduction between neighbouring layers, water and wall together. */
const CONDUCTION_W_PER_KELVIN = 1.5;
const HYSTERESIS_K = 5;
/** The rod of the thermostat stands beside the element, in the second layer. */
const SENSING_LAYER = 1;
const STEP_SECONDS = 20;

const layer = (state: TankState, place: number): number => state.layersC[place] ?? 0;

/** Power of the element now. */
export const tankPower = (state: TankState, model: TankModel, relayClosed: boolean): number =>
  relayClosed && state.thermostatClosed ? model.elementW : 0;

/** Cold water pushes in at the bottom what the mixing tap takes from the top. */
const draw = (state: TankState, layerLitres: number, tapLitres: number): void => {
  if (tapLitres <= 0) return;
  const top = layer(state, LAYERS - 1);
  const share = top <= TAP_C ? 1 : (TAP_C - COLD_WATER_C) / (top - COLD_WATER_C);
  const moved = Math.min(1, (tapLitres * share) / layerLitres);
  for (let place = LAYERS - 1; place >= 0; place -= 1) {
    const below = place === 0 ? COLD_WATER_C : layer(state, place - 1);
    state.layersC[place] = layer(state, place) + moved * (below - layer(state, place));
  }
};

/** Conduction between neighbours and loss to the room, from the bottom up. */
const exchange = (state: TankState, litres: number, layerCapacity: number, seconds: number): void => {
  const lossW = (LOSS_W_PER_KELVIN_PER_LITRE * litres) / LAYERS;
  let fromBelowW = 0;
  for (let place = 0; place < LAYERS; place += 1) {
    const here = layer(state, place);
    const toAboveW = place === LAYERS - 1 ? 0 : CONDUCTION_W_PER_KELVIN * (here - layer(state, place + 1));
    state.layersC[place] = here + ((fromBelowW - toAboveW - lossW * (here - ROOM_C)) * seconds) / layerCapacity;
    fromBelowW = toAboveW;
  }
};

/** Warm water rises: a layer warmer than the one above mixes with it until the tank is in order. */
const rise = (state: TankState): void => {
  for (let top = 1; top < LAYERS; top += 1) {
    for (let place = top; place > 0 && layer(state, place - 1) > layer(state, place); place -= 1) {
      const mixed = (layer(state, place - 1) + layer(state, place)) / 2;
      state.layersC[place - 1] = mixed;
      state.layersC[place] = mixed;
    }
  }
};

const regulate = (state: TankState, { setpointC }: TankModel): void => {
  const sensed = layer(state, SENSING_LAYER);
  if (sensed >= setpointC) state.thermostatClosed = false;
  else if (sensed < setpointC - HYSTERESIS_K) state.thermostatClosed = true;
};

const advanceBriefly = (state: TankState, model: TankModel, step: TankStep, seconds: number): number => {
  const layerLitres = model.litres / LAYERS;
  const layerCapacity = layerLitres * JOULES_PER_LITRE_KELVIN;
  regulate(state, model);
  const joules = tankPower(state, model, step.relayClosed) * seconds;
  state.layersC[0] = layer(state, 0) + joules / layerCapacity;
  draw(state, layerLitres, (step.tapLitresPerMinute * seconds) / 60);
  exchange(state, model.litres, layerCapacity, seconds);
  rise(state);
  regulate(state, model);
  return joules / 3600;
};

/** Moves a tank through some seconds of a steady draw; the energy its element took in them, in Wh. */
export const advanceTank = (state: TankState, model: TankModel, step: TankStep): number => {
  let energyWh = 0;
  for (let left = step.seconds; left > 0; left -= STEP_SECONDS)
    energyWh += advanceBriefly(state, model, step, Math.min(left, STEP_SECONDS));
  state.energyWh += energyWh;
  return energyWh;
};

/** Heat above cold water held by the tank, in Wh. */
export const storedHeat = (state: TankState, { litres }: TankModel): number =>
  (state.layersC.reduce((sum, temperature) => sum + temperature - COLD_WATER_C, 0) *
    (litres / LAYERS) *
    JOULES_PER_LITRE_KELVIN) /
  3600;
