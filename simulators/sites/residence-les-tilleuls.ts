import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Instant, instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { createCommonParts, createCommonPartsMeter } from '../devices/common-parts.ts';
import { createFlat, createFlatMeter } from '../devices/flat.ts';
import { createHotWaterDraws, type HotWaterDraws } from '../devices/hot-water-draws.ts';
import { advanceTank, LAYERS, type TankModel, type TankState, tankPower, tankState } from '../devices/hot-water-tank.ts';
import { readHouseholdRecording } from '../devices/household-recording.ts';
import { createCivilCycle, createMinuteCycle, type MinuteCycle } from '../devices/minute-cycle.ts';
import { createRelayBoard, RELAYS, relayState } from '../devices/relay-board.ts';
import { createRandom, seedOf } from '../devices/seeded-random.ts';
import { createSupply } from '../devices/supply.ts';
import { createWallClock, type WallClock } from '../devices/wall-clock.ts';
import type { FieldSite, FieldSiteOptions, FieldUnit } from './field-site.ts';
import { createIntegration } from './integration.ts';

const ZONE = timeZone('Europe/Paris');
/** When the meters were fitted: their counters have run since. */
const FITTED_AT = parseInstant('2023-06-01T00:00:00Z');
export const FLATS = RELAYS;
const CYCLE_DAYS = 28;
const FIRST_FLAT_UNIT = 11;
const RELAY_UNIT = 40;

const buildingState = z.object({
  livedUntil: z.int(),
  tanks: z.array(tankState).length(FLATS),
  relays: relayState,
});
type BuildingState = z.infer<typeof buildingState>;

/** How one flat differs from the recorded house and from its neighbours. */
export interface FlatTraits {
  readonly persons: number;
  /** Days by which the recording is turned. */
  readonly shiftDays: number;
  readonly scale: number;
  readonly initialWh: number;
  readonly tank: TankModel;
}

const TANK_LITRES = [100, 150, 200, 200] as const;

/** Days of the recording in a seeded order: no two flats live the same one. */
const shuffledDays = (seed: number): number[] => {
  const random = createRandom(seedOf(seed, 'days'));
  const days = Array.from({ length: CYCLE_DAYS }, (_, day) => day);
  for (let last = days.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [days[last], days[other]] = [days[other] ?? 0, days[last] ?? 0];
  }
  return days;
};

/** The 16 flats of a seed: the recorded house of 28 kWh a day becomes homes of 4 to 9. */
export const flatTraits = (seed: number): FlatTraits[] => {
  const days = shuffledDays(seed);
  return Array.from({ length: FLATS }, (_, place) => {
    const random = createRandom(seedOf(seed, 'flat', place));
    const persons = 1 + Math.floor(random() * 4);
    return {
      persons,
      shiftDays: days[place] ?? 0,
      scale: 0.12 + 0.03 * persons + 0.05 * random(),
      initialWh: Math.round(1_400_000 + 3_000_000 * random()),
      tank: { litres: TANK_LITRES[persons - 1] ?? 150, elementW: 2000, setpointC: 60 + 4 * random() },
    };
  });
};

const TYPICAL_TANK_WH_PER_PERSON_DAY = 1600;
const TYPICAL_TANK_LOSS_WH_PER_DAY = 1200;

const newTank = ({ persons, tank }: FlatTraits, days: number, random: number): TankState => ({
  layersC: Array.from({ length: LAYERS }, (_, place) => tank.setpointC - 9 * random * (1 - place / LAYERS)),
  thermostatClosed: false,
  energyWh: Math.round(days * (TYPICAL_TANK_WH_PER_PERSON_DAY * persons + TYPICAL_TANK_LOSS_WH_PER_DAY)),
});

const newBuildingState = (at: Instant, traits: readonly FlatTraits[], seed: number): BuildingState => {
  const days = Math.max(0, (at - FITTED_AT) / 86_400_000);
  const random = createRandom(seedOf(seed, 'tanks'));
  return {
    livedUntil: at,
    tanks: traits.map((flat) => newTank(flat, days, random())),
    relays: { closed: Array.from({ length: RELAYS }, () => true) },
  };
};

const advanceTanks = (state: BuildingState, traits: readonly FlatTraits[], draws: readonly HotWaterDraws[], wall: WallClock) => {
  return (from: Instant, to: Instant): void => {
    const wallMinutes = wall.minutesAt(from);
    const seconds = (to - from) / 1000;
    traits.forEach(({ tank }, place) => {
      const tapLitresPerMinute = draws[place]?.flowAt(wallMinutes) ?? 0;
      const held = state.tanks[place];
      if (held !== undefined)
        advanceTank(held, tank, { seconds, tapLitresPerMinute, relayClosed: state.relays.closed[place] === true });
    });
  };
};

interface Recording {
  readonly living: MinuteCycle;
  readonly reactive: MinuteCycle;
  readonly voltage: MinuteCycle;
}

const loadRecording = (): Recording => {
  const csv = readFileSync(new URL('./household-sceaux-1min.csv', import.meta.url), 'utf8');
  const { withoutHotWaterW, reactiveVar, voltageV } = readHouseholdRecording(csv);
  return {
    living: createMinuteCycle(withoutHotWaterW),
    reactive: createMinuteCycle(reactiveVar),
    voltage: createMinuteCycle(voltageV),
  };
};

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/** Résidence Les Tilleuls, Laon: 16 flats with their hot-water tanks, the common parts, and the relays of the tanks. */
export const createResidenceLesTilleuls = (options: FieldSiteOptions): FieldSite => {
  const { facts } = options;
  const seed = seedOf(options.seed, 'tilleuls');
  const traits = flatTraits(seed);
  const state = options.past === null ? newBuildingState(options.startsAt, traits, seed) : buildingState.parse(options.past);
  const wall = createWallClock(ZONE, FITTED_AT);
  const supply = createSupply(seed);
  const draws = traits.map(({ persons }, place) => createHotWaterDraws(seedOf(seed, 'tap', place), persons));
  const integration = createIntegration(instant(state.livedUntil), advanceTanks(state, traits, draws, wall));
  const { now } = integration;
  const recording = loadRecording();

  const flatUnit = (flat: FlatTraits, place: number, tank: TankState): FieldUnit => {
    const turned = (cycle: MinuteCycle) => createCivilCycle({ cycle, wall, origin: FITTED_AT, shiftDays: flat.shiftDays });
    const home = createFlat({
      living: turned(recording.living),
      reactive: turned(recording.reactive),
      voltage: turned(recording.voltage),
      scale: flat.scale,
      initialWh: flat.initialWh,
      tankPowerW: () => tankPower(tank, flat.tank, state.relays.closed[place] === true),
      tankEnergyWh: () => tank.energyWh,
      now,
    });
    return {
      unitId: FIRST_FLAT_UNIT + place,
      device: `meter-d${twoDigits(place + 1)}`,
      profile: 'eastron-sdm120',
      fictitious: false,
      modbus: createFlatMeter(facts, home, supply, now),
    };
  };

  const parts = createCommonParts(seed, wall, FITTED_AT);
  return {
    site: 'site-tilleuls',
    units: [
      {
        unitId: 1,
        device: 'meter-commons',
        profile: 'schneider-iem3155-iem3255',
        fictitious: false,
        modbus: createCommonPartsMeter({ facts, parts, supply, now }),
      },
      ...state.tanks.map((tank, place) => {
        const flat = traits[place];
        if (flat === undefined) throw new RangeError(`There is no flat ${place + 1}`);
        return flatUnit(flat, place, tank);
      }),
      {
        unitId: RELAY_UNIT,
        device: 'relay-tanks',
        profile: 'waveshare-modbus-rtu-relay-16ch',
        fictitious: false,
        modbus: createRelayBoard(facts, state.relays, options.onChange),
      },
    ],
    deviceFaults: [],
    settleAt: integration.advanceTo,
    livedUntil: now,
    snapshot: () => ({ ...state, livedUntil: now() }),
  };
};
