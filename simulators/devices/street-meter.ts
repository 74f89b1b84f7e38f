import type { Instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage, type RegisterCell } from '../modbus-server/register-image.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import { lineCurrent, type Supply } from './supply.ts';

export type Phase = 0 | 1 | 2;
export const PHASES: readonly Phase[] = [0, 1, 2];

export interface StreetMeterOptions {
  readonly facts: RegisterFacts;
  readonly supply: Supply;
  readonly now: () => Instant;
  /** Active power and cumulative energy of a phase. */
  readonly powerW: (phase: Phase) => number;
  readonly energyWh: (phase: Phase) => number;
  /** Power of a phase with every lamp at full. */
  readonly fullPowerW: (phase: Phase) => number;
}

/** Drivers and a controller at little load shift the current; near full load they hardly do. */
const powerFactor = (share: number): number => 0.97 - 0.42 * (1 - Math.min(1, share)) ** 3;

const sum = (value: (phase: Phase) => number): number => value(0) + value(1) + value(2);

/** Carlo Gavazzi EM24 on the cabinet's supply: least significant word first, unused words between its values read 0. */
export const createStreetMeter = (options: StreetMeterOptions): ModbusUnit => {
  const { supply, now, powerW, energyWh, fullPowerW } = options;
  const facts = options.facts('carlo-gavazzi-em24-rs485');
  const factor = (phase: Phase): number => powerFactor(powerW(phase) / fullPowerW(phase));
  const cell = (name: string, read: () => number): RegisterCell => {
    const fact = facts.register(name);
    return { fact, address: fact.address, read };
  };
  const onPhase = (phase: Phase): RegisterCell[] => {
    const name = `l${phase + 1}`;
    return [
      cell(`voltage_${name}`, () => supply.voltageV(now(), phase)),
      cell(`current_${name}`, () => lineCurrent(powerW(phase), factor(phase), supply.voltageV(now(), phase))),
      cell(`power_${name}`, () => powerW(phase)),
      cell(`cosphi_${name}`, () => factor(phase)),
      cell(`import_${name}`, () => energyWh(phase) / 1000),
    ];
  };
  const totals = [
    cell('power', () => sum(powerW)),
    cell('cosphi', () => sum(powerW) / sum((phase) => powerW(phase) / factor(phase))),
    cell('frequency', () => supply.frequencyHz(now())),
    cell('import', () => sum(energyWh) / 1000),
    cell('export', () => 0),
  ];
  const cells = [...PHASES.flatMap(onPhase), ...totals];
  const end = Math.max(...cells.map(({ address }) => address)) + 1;
  return createRegisterImage({ cells, readsZeroAt: (table, address) => table === 'input-registers' && address <= end });
};
