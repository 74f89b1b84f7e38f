export type ModbusTable = 'coils' | 'discrete-inputs' | 'holding-registers' | 'input-registers';

/** One device on the bus. Bits are 0 or 1, registers 0 to 65535; a request is refused by throwing ModbusException. */
export interface ModbusUnit {
  read(table: ModbusTable, address: number, count: number): readonly number[];
  write(table: 'coils' | 'holding-registers', address: number, values: readonly number[]): void;
}
