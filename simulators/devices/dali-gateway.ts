import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage, type RegisterCell } from '../modbus-server/register-image.ts';
import { type AddressPlaces, registerAddress } from '../register-facts/register-address.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import { askLevel, isBurning, isFading, type LuminaireIllness, type LuminaireState } from './luminaire.ts';

/** A control gear on the DALI line, at its short address. */
export interface ControlGear {
  readonly shortAddress: number;
  /** DALI groups 0 to 15 it belongs to. */
  readonly groups: readonly number[];
  readonly state: LuminaireState;
  illness(): LuminaireIllness;
}

export interface DaliGatewayOptions {
  readonly facts: RegisterFacts;
  readonly gears: readonly ControlGear[];
  /** Called after a write that changed what the street does. */
  readonly onChange: () => void;
}

const LED = 6;
const PHYSICAL_MIN_PERCENT = 1;
const GROUPS = 16;
/** Meaning of a scene nobody stored: the gear stays as it is. */
const NO_SCENE = 255;

const isPercent = (value: number): boolean => value <= 100;
const isFadeCode = (value: number): boolean => value <= 15;

const statusBits = ({ state }: ControlGear, illness: LuminaireIllness): number => {
  if (!state.supplied) return 0b0000_0001;
  const lampFailure = illness === 'lamp-failure' ? 0b0000_0010 : 0;
  const lampOn = isBurning(state, illness) ? 0b0000_0100 : 0;
  const fading = isFading(state) && illness !== 'dimming-failure' ? 0b0001_0000 : 0;
  const powerCycle = state.powerCycleSeen ? 0b1000_0000 : 0;
  return lampFailure | lampOn | fading | powerCycle;
};

/** Open circuit: what a driver measures when its diodes are gone. */
const ledFailureBits = (illness: LuminaireIllness): number => (illness === 'lamp-failure' ? 0b0000_0010 : 0);

/** The commands of the multicontrol register that write the gear's memory: 5XXX and 6XXX, in %. */
const POWER_ON_COMMAND = 5000;
const SYSTEM_FAILURE_COMMAND = 6000;

const isKeptLevel = (command: number): boolean =>
  [POWER_ON_COMMAND, SYSTEM_FAILURE_COMMAND].some((base) => command >= base && isPercent(command - base));

const keepLevel = (state: LuminaireState, command: number): void => {
  if (command >= SYSTEM_FAILURE_COMMAND) state.systemFailurePercent = command - SYSTEM_FAILURE_COMMAND;
  else state.powerOnPercent = command - POWER_ON_COMMAND;
};

type Ask = (gears: readonly ControlGear[], levelPercent: number) => void;

const gearCells = (facts: RegisterFacts, gear: ControlGear, ask: Ask): RegisterCell[] => {
  const lighting = facts('intesis-dali-64');
  const d4i = facts('intesis-in703-d4i');
  const places: AddressPlaces = { line: 0, sa: gear.shortAddress, y: 0, xx: gear.shortAddress };
  const { state } = gear;
  const level = (name: string, read: () => number): RegisterCell => {
    const fact = lighting.register(name);
    return { fact, address: registerAddress(fact, places), read };
  };
  const measure = (name: string, read: () => number): RegisterCell => {
    const fact = d4i.register(name);
    return { fact, address: registerAddress(fact, places), read };
  };
  return [
    { ...level('ballast_update_trigger', () => 0), write: () => undefined },
    level('ballast_status', () => statusBits(gear, gear.illness())),
    level('actual_level', () => state.levelPercent),
    level('device_type', () => LED),
    level('phys_min_level', () => PHYSICAL_MIN_PERCENT),
    level('min_level', () => PHYSICAL_MIN_PERCENT),
    level('max_level', () => 100),
    level('power_on_level', () => state.powerOnPercent),
    level('system_failure_level', () => state.systemFailurePercent),
    level('fade_time', () => state.fadeTime),
    level('fade_rate', () => 7),
    { ...level('arc_power_level', () => state.askedPercent), write: (percent) => ask([gear], percent), accepts: isPercent },
    level('led_failure_status', () => ledFailureBits(gear.illness())),
    { ...measure('multicontrol', () => 0), write: (command) => keepLevel(state, command), accepts: isKeptLevel },
    measure('active_energy', () => Math.floor(state.energyWh)),
    measure('active_power', () => state.powerW),
    measure('operating_time', () => Math.floor(state.burningSeconds)),
    measure('start_counter', () => state.starts),
    measure('temperature', () => state.temperatureC),
  ];
};

const lineCells = ({ facts, gears, onChange }: DaliGatewayOptions, ask: Ask): RegisterCell[] => {
  const lighting = facts('intesis-dali-64');
  const lastWritten = new Map<string, number>();
  const order = (key: string, name: string, places: AddressPlaces, write: (value: number) => void): RegisterCell => {
    const fact = lighting.register(name);
    return {
      fact,
      address: registerAddress(fact, { line: 0, ...places }),
      ...(fact.fc === null ? {} : { read: () => lastWritten.get(key) ?? 0 }),
      write: (value) => {
        lastWritten.set(key, value);
        write(value);
      },
    };
  };
  const groups = Array.from({ length: GROUPS }, (_, group): RegisterCell => {
    const members = gears.filter((gear) => gear.groups.includes(group));
    const cell = order(`group-${group}`, 'group_arc_power_level', { gr: group }, (percent) => ask(members, percent));
    return { ...cell, accepts: isPercent };
  });
  const setFadeTime = (code: number): void => {
    for (const { state } of gears) state.fadeTime = code;
    onChange();
  };
  return [
    ...groups,
    { ...order('level', 'broadcast_arc_power_level', {}, (percent) => ask(gears, percent)), accepts: isPercent },
    { ...order('off-on', 'broadcast_off_on', {}, (percent) => ask(gears, percent)), accepts: isPercent },
    order('max', 'broadcast_recall_max', {}, () => ask(gears, 100)),
    { ...order('scene', 'broadcast_scene', {}, () => undefined), accepts: (scene) => scene < GROUPS || scene === NO_SCENE },
    { ...order('fade-time', 'broadcast_fade_time', {}, setFadeTime), accepts: isFadeCode },
  ];
};

/**
 * Intesis-type Modbus to DALI gateway, line 0: levels in percent per gear, per group and for all, and the D4i power, energy,
 * operating time, starts and temperature of each gear. Unused words inside the block of a gear that exists, of the groups or of
 * the broadcast read 0; anything else is refused with exception 02.
 */
export const createDaliGateway = (options: DaliGatewayOptions): ModbusUnit => {
  const ask: Ask = (gears, levelPercent) => {
    for (const gear of gears) if (gear.state.supplied) askLevel(gear.state, levelPercent, gear.illness());
    options.onChange();
  };
  const shortAddresses = new Set(options.gears.map((gear) => gear.shortAddress));
  const isInBlock = (address: number): boolean => {
    if (address >= 25000) return shortAddresses.has(Math.floor((address - 25000) / 100));
    return address < 6400
      ? shortAddresses.has(Math.floor(address / 100))
      : address <= 6719 || (address >= 6800 && address <= 6815);
  };
  return createRegisterImage({
    cells: [...options.gears.flatMap((gear) => gearCells(options.facts, gear, ask)), ...lineCells(options, ask)],
    readsZeroAt: (_table, address) => isInBlock(address),
    servesInputReads: true,
  });
};
