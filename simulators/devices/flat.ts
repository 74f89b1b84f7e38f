import type { Instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage, type RegisterCell } from '../modbus-server/register-image.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import type { CivilCycle } from './minute-cycle.ts';
import type { Supply } from './supply.ts';

/** What one home draws: a recorded household, its own size, and its hot-water tank. */
export interface Flat {
  powerW(): number;
  reactiveVar(): number;
  energyWh(): number;
  reactiveVarh(): number;
  voltageV(): number;
}

export interface FlatOptions {
  /** The recording less its water heater, on this flat's days. */
  readonly living: CivilCycle;
  readonly reactive: CivilCycle;
  readonly voltage: CivilCycle;
  /** This flat's size as a share of the recorded house. */
  readonly scale: number;
  /** Shown by the meter when the recording began to turn. */
  readonly initialWh: number;
  readonly tankPowerW: () => number;
  readonly tankEnergyWh: () => number;
  readonly now: () => Instant;
}

export const createFlat = (options: FlatOptions): Flat => {
  const { living, reactive, voltage, scale, initialWh, now } = options;
  return {
    powerW: () => scale * living.at(now()) + options.tankPowerW(),
    reactiveVar: () => scale * reactive.at(now()),
    energyWh: () => initialWh + (scale * living.totalAt(now())) / 60 + options.tankEnergyWh(),
    reactiveVarh: () => (scale * reactive.totalAt(now())) / 60,
    voltageV: () => voltage.at(now()),
  };
};

/** Eastron SDM120 at the entrance of a flat; unused words between two of its values read 0. */
export const createFlatMeter = (facts: RegisterFacts, flat: Flat, supply: Supply, now: () => Instant): ModbusUnit => {
  const { register } = facts('eastron-sdm120');
  const apparentVa = (): number => Math.hypot(flat.powerW(), flat.reactiveVar());
  const cell = (name: string, read: () => number): RegisterCell => {
    const fact = register(name);
    return { fact, address: fact.address, read };
  };
  const cells = [
    cell('voltage', flat.voltageV),
    cell('current', () => apparentVa() / flat.voltageV()),
    cell('power', flat.powerW),
    cell('apparent_power', apparentVa),
    cell('reactive_power', flat.reactiveVar),
    cell('cosphi', () => (apparentVa() === 0 ? 1 : flat.powerW() / apparentVa())),
    cell('frequency', () => supply.frequencyHz(now())),
    cell('import', () => flat.energyWh() / 1000),
    cell('export', () => 0),
    cell('reactive_import', () => flat.reactiveVarh() / 1000),
    cell('reactive_export', () => 0),
    cell('sum', () => flat.energyWh() / 1000),
    cell('reactive_sum', () => flat.reactiveVarh() / 1000),
  ];
  const end = Math.max(...cells.map(({ address }) => address)) + 1;
  return createRegisterImage({ cells, readsZeroAt: (_table, address) => address <= end });
};
