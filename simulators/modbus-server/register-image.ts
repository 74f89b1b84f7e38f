import type { RegisterFact } from '../register-facts/register-facts.ts';
import { decodeWords, encodeWords, wordCount } from '../register-facts/word-encoding.ts';
import { ILLEGAL_DATA_ADDRESS, ILLEGAL_DATA_VALUE, ILLEGAL_FUNCTION, ModbusException } from './modbus-exception.ts';
import type { ModbusTable, ModbusUnit } from './modbus-unit.ts';

/** One value of a device at its place on the wire. */
export interface RegisterCell {
  readonly fact: RegisterFact;
  readonly address: number;
  /** In the fact's unit; absent when it can only be written. */
  readonly read?: () => number;
  /** Takes a value in the fact's unit; absent when it can only be read. */
  readonly write?: (value: number) => void;
  /** Whether the device takes this value; anything when absent. */
  readonly accepts?: (value: number) => boolean;
}

export interface RegisterImageOptions {
  readonly cells: readonly RegisterCell[];
  /** Whether an address without a value answers 0 instead of exception 02. */
  readonly readsZeroAt?: (table: ModbusTable, address: number) => boolean;
  /** The device serves its holding registers to function 4 as well as 3. */
  readonly servesInputReads?: boolean;
}

interface Placed {
  readonly cell: RegisterCell;
  /** Which of the value's words stands here. */
  readonly word: number;
}

type Places = Map<number, Placed>;

const TABLE_OF_FUNCTION = { 1: 'coils', 2: 'discrete-inputs', 3: 'holding-registers', 4: 'input-registers' } as const;

const tableOf = (fact: RegisterFact): ModbusTable => {
  if (fact.fc !== null) return TABLE_OF_FUNCTION[fact.fc];
  return fact.writeFc === 5 ? 'coils' : 'holding-registers';
};

const placeCells = (cells: readonly RegisterCell[]): ReadonlyMap<ModbusTable, Places> => {
  const tables = new Map<ModbusTable, Places>();
  for (const cell of cells) {
    const table = tableOf(cell.fact);
    const places = tables.get(table) ?? new Map<number, Placed>();
    tables.set(table, places);
    for (let word = 0; word < wordCount(cell.fact); word += 1) {
      const address = cell.address + word;
      if (places.has(address)) throw new RangeError(`${cell.fact.name} overlaps another value at ${table} ${address}`);
      places.set(address, { cell, word });
    }
  }
  return tables;
};

interface PlannedWrite {
  readonly write: (value: number) => void;
  readonly value: number;
}

const planWrite = (places: Places, address: number, values: readonly number[]): PlannedWrite[] => {
  const planned: PlannedWrite[] = [];
  let place = 0;
  while (place < values.length) {
    const placed = places.get(address + place);
    if (placed?.cell.write === undefined || placed.word !== 0) throw new ModbusException(ILLEGAL_DATA_ADDRESS);
    const { fact, write, accepts } = placed.cell;
    const words = values.slice(place, place + wordCount(fact));
    if (words.length < wordCount(fact)) throw new ModbusException(ILLEGAL_DATA_VALUE);
    const value = decodeWords(fact, words);
    if (accepts !== undefined && !accepts(value)) throw new ModbusException(ILLEGAL_DATA_VALUE);
    planned.push({ write, value });
    place += words.length;
  }
  return planned;
};

/**
 * The registers of one device, by the facts of its model. A function the device has no register for is refused with exception 01,
 * an address it does not have with 02, a value it does not take with 03; a write of several is done whole or not at all.
 */
export const createRegisterImage = ({ cells, readsZeroAt, servesInputReads }: RegisterImageOptions): ModbusUnit => {
  const tables = placeCells(cells);

  const placesOf = (table: ModbusTable): Places => {
    const asked = table === 'input-registers' && servesInputReads === true ? 'holding-registers' : table;
    const places = tables.get(asked);
    if (places === undefined) throw new ModbusException(ILLEGAL_FUNCTION);
    return places;
  };

  return {
    read: (table, address, count) => {
      const places = placesOf(table);
      const encoded = new Map<RegisterCell, number[]>();
      return Array.from({ length: count }, (_, offset) => {
        const placed = places.get(address + offset);
        if (placed?.cell.read === undefined) {
          if (readsZeroAt?.(table, address + offset) === true) return 0;
          throw new ModbusException(ILLEGAL_DATA_ADDRESS);
        }
        const words = encoded.get(placed.cell) ?? encodeWords(placed.cell.fact, placed.cell.read());
        encoded.set(placed.cell, words);
        return words[placed.word] ?? 0;
      });
    },
    write: (table, address, values) => {
      const places = placesOf(table);
      if (![...places.values()].some(({ cell }) => cell.write !== undefined)) throw new ModbusException(ILLEGAL_FUNCTION);
      for (const { write, value } of planWrite(places, address, values)) write(value);
    },
  };
};
