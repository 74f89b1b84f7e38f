import type { Instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage, type RegisterCell } from '../modbus-server/register-image.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import { type CivilCycle, CYCLE_MINUTES, createCivilCycle, createMinuteCycle } from './minute-cycle.ts';
import { countEvents, createRandom, seedOf } from './seeded-random.ts';
import { PHASES, type Phase } from './street-meter.ts';
import { lineCurrent, type Supply } from './supply.ts';
import type { WallClock } from './wall-clock.ts';

/** Comings and goings in an hour of a building of 16 flats, from midnight. */
const COMINGS_PER_HOUR = [3, 1, 1, 1, 2, 6, 14, 26, 24, 14, 12, 14, 20, 16, 12, 14, 22, 30, 32, 24, 16, 12, 8, 5];

const VENTILATION_W = 240;
const VENTILATION_AT_MEALS_W = 380;
const isMealTime = (hour: number): boolean => hour === 12 || hour === 19;

const LIFT_IDLE_W = 85;
/** Mean over a minute that holds one trip: 4.2 kW for 24 s. */
const LIFT_TRIP_W = 1680;

const EMERGENCY_LIGHTS_W = 45;
const STAIRS_W = 210;
/** The stairs stay lit for this long after a button is pressed. */
const STAIRS_MINUTES = 3;
const NIGHT_ENTRANCE_W = 60;

const livePerMinute = (seed: number): { lift: Float64Array; stairs: Float64Array; ventilation: Float64Array } => {
  const random = createRandom(seedOf(seed, 'comings'));
  const lift = new Float64Array(CYCLE_MINUTES);
  const stairs = new Float64Array(CYCLE_MINUTES);
  const ventilation = new Float64Array(CYCLE_MINUTES);
  let litUntil = 0;
  for (let minute = 0; minute < CYCLE_MINUTES; minute += 1) {
    const hour = Math.floor(minute / 60) % 24;
    const comings = countEvents(random, (COMINGS_PER_HOUR[hour] ?? 0) / 60);
    if (comings > 0) litUntil = minute + STAIRS_MINUTES;
    const entrance = hour >= 18 || hour < 7 ? NIGHT_ENTRANCE_W : 0;
    lift[minute] = LIFT_IDLE_W + LIFT_TRIP_W * Math.min(2, Math.round(comings * 0.7));
    stairs[minute] = EMERGENCY_LIGHTS_W + entrance + (minute < litUntil ? STAIRS_W : 0);
    ventilation[minute] = isMealTime(hour) ? VENTILATION_AT_MEALS_W : VENTILATION_W;
  }
  return { lift, stairs, ventilation };
};

/** Common parts of a building: ventilation on phase 1, stairs and entrance on phase 2, lift on phase 3. */
export interface CommonParts {
  powerW(at: Instant, phase: Phase): number;
  energyWh(at: Instant, phase: Phase): number;
}

const INITIAL_WH = [7_410_000, 4_980_000, 6_230_000] as const;

export const createCommonParts = (seed: number, wall: WallClock, origin: Instant): CommonParts => {
  const { ventilation, stairs, lift } = livePerMinute(seed);
  const uses = [ventilation, stairs, lift].map((perMinute) =>
    createCivilCycle({ cycle: createMinuteCycle(perMinute), wall, origin }),
  );
  const use = (phase: Phase): CivilCycle => {
    const cycle = uses[phase];
    if (cycle === undefined) throw new RangeError(`There is no phase ${phase + 1}`);
    return cycle;
  };
  return {
    powerW: (at, phase) => use(phase).at(at),
    energyWh: (at, phase) => INITIAL_WH[phase] + use(phase).totalAt(at) / 60,
  };
};

/** Fan, lamps and lift motor, in the order of the phases. */
const POWER_FACTORS = [0.92, 0.96, 0.78] as const;

export interface CommonPartsMeterOptions {
  readonly facts: RegisterFacts;
  readonly parts: CommonParts;
  readonly supply: Supply;
  readonly now: () => Instant;
}

/** Schneider iEM3155 on the common parts: powers in kW, energies in Wh; spare words between its measured values read 0. */
export const createCommonPartsMeter = ({ facts, parts, supply, now }: CommonPartsMeterOptions): ModbusUnit => {
  const { register } = facts('schneider-iem3155-iem3255');
  const overPhases = (value: (phase: Phase) => number): number => value(0) + value(1) + value(2);
  const power = (phase: Phase): number => parts.powerW(now(), phase);
  const energy = (phase: Phase): number => parts.energyWh(now(), phase);
  const tangent = (phase: Phase): number => Math.tan(Math.acos(POWER_FACTORS[phase]));
  const reactive = (): number => overPhases((phase) => power(phase) * tangent(phase));
  const voltage = (phase: Phase): number => supply.voltageV(now(), phase);
  const current = (phase: Phase): number => lineCurrent(power(phase), POWER_FACTORS[phase], voltage(phase));
  const cell = (name: string, read: () => number): RegisterCell => {
    const fact = register(name);
    return { fact, address: fact.address, read };
  };
  const onPhase = (phase: Phase): RegisterCell[] => [
    cell(`current_l${phase + 1}`, () => current(phase)),
    cell(`voltage_l${phase + 1}`, () => voltage(phase)),
    cell(`power_l${phase + 1}`, () => power(phase)),
    cell(`import_l${phase + 1}`, () => energy(phase) / 1000),
  ];
  return createRegisterImage({
    cells: [
      ...PHASES.flatMap(onPhase),
      cell('current', () => overPhases(current) / PHASES.length),
      cell('voltage', () => overPhases(voltage) / PHASES.length),
      cell('power', () => overPhases(power)),
      cell('reactive_power', reactive),
      cell('apparent_power', () => Math.hypot(overPhases(power), reactive())),
      cell('frequency', () => supply.frequencyHz(now())),
      cell('import', () => overPhases(energy) / 1000),
      cell('export', () => 0),
      cell('reactive_import', () => overPhases((phase) => energy(phase) * tangent(phase)) / 1000),
      cell('reactive_export', () => 0),
    ],
    readsZeroAt: (_table, address) => isMeasuringBlock(address),
  });
};

/** Spare words between the measured values (2999 to 3110) read 0; elsewhere the meter refuses. */
const isMeasuringBlock = (address: number): boolean => address >= 2999 && address <= 3110;
