import { z } from 'zod';
import { type Instant, instant } from '#domain/civil-time.ts';
import { type ControlGear, createDaliGateway } from '../devices/dali-gateway.ts';
import { createFlatMeter, type Flat } from '../devices/flat.ts';
import { advanceLuminaire, agedLuminaire, type LuminaireModel, luminaireState } from '../devices/luminaire.ts';
import { type Place, type Sky, sunElevation } from '../devices/sky.ts';
import type { Supply } from '../devices/supply.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import type { FieldUnit } from './field-site.ts';

const LUMINAIRES = 2;
const RATED_W = 40;
/** What the former meter of the festive lights shows when the simulation begins, in Wh. */
const FESTIVE_BEFORE_WH = 4_812_300;
const FESTIVE_LIT_W = 120;
const FESTIVE_DARK_W = 1.5;
const LIT_BELOW_DEGREES = -4;

export const extensionState = z.object({
  luminaires: z.array(luminaireState).length(LUMINAIRES),
  /** Energy of the festive lights since the simulation began, in Wh. */
  festiveWh: z.number(),
});
export type ExtensionState = z.infer<typeof extensionState>;

export interface StreetExtensionOptions {
  readonly facts: RegisterFacts;
  /** Null before the street was ever extended. */
  readonly past: ExtensionState | null;
  readonly place: Place;
  readonly sky: Sky;
  readonly supply: Supply;
  readonly now: () => Instant;
  readonly onChange: () => void;
}

export interface StreetExtension {
  readonly units: readonly FieldUnit[];
  readonly state: ExtensionState;
  advance(from: Instant, to: Instant): void;
}

const MODEL: LuminaireModel = { ratedW: RATED_W, tolerance: 0 };

const newState = (): ExtensionState => ({
  luminaires: Array.from({ length: LUMINAIRES }, () => agedLuminaire(MODEL, 0, 0)),
  festiveWh: 0,
});

const gearOf = (state: ExtensionState['luminaires'][number], shortAddress: number): ControlGear => ({
  shortAddress,
  groups: [],
  state,
  illness: () => 'none',
});

/**
 * Two luminaires just fitted behind a DALI gateway of their own, and the festive lights with two meters in a row: the one that
 * was there, and its successor. They hang on the line of the street and on another supply than its cabinet: nobody has
 * commissioned them yet.
 */
export const createStreetExtension = (options: StreetExtensionOptions): StreetExtension => {
  const { facts, place, sky, supply, now } = options;
  const state = options.past ?? newState();
  const festiveW = (at: Instant): number => (sunElevation(at, place) < LIT_BELOW_DEGREES ? FESTIVE_LIT_W : FESTIVE_DARK_W);
  const festive = (initialWh: number): Flat => ({
    powerW: () => festiveW(now()),
    reactiveVar: () => 0,
    energyWh: () => initialWh + state.festiveWh,
    reactiveVarh: () => 0,
    voltageV: () => supply.voltageV(now(), 0),
  });
  const dali = createDaliGateway({ facts, gears: state.luminaires.map(gearOf), onChange: options.onChange });
  const unit = (unitId: number, device: string, profile: string, modbus: FieldUnit['modbus']): FieldUnit => ({
    unitId,
    device,
    profile,
    fictitious: false,
    modbus,
  });
  return {
    state,
    units: [
      unit(6, 'dali-extension', 'intesis-dali-64+intesis-in703-d4i', dali),
      unit(7, 'meter-festive', 'eastron-sdm120', createFlatMeter(facts, festive(FESTIVE_BEFORE_WH), supply, now)),
      unit(8, 'meter-festive-next', 'eastron-sdm120', createFlatMeter(facts, festive(0), supply, now)),
    ],
    advance: (from, to) => {
      const seconds = (to - from) / 1000;
      const middle = instant(Math.round((from + to) / 2));
      const ambientC = sky.temperatureC(middle);
      for (const luminaire of state.luminaires) advanceLuminaire(luminaire, MODEL, { seconds, ambientC, illness: 'none' });
      state.festiveWh += (festiveW(middle) * seconds) / 3600;
    },
  };
};
