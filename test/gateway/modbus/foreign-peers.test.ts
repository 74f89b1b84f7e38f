import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import type { Table } from '#gateway/modbus/requests.ts';
import type { ModbusLine } from '#gateway/modbus/transport.ts';
import { type CompiledSlave, compileLibmodbusSlave } from '#test/services/start-libmodbus-slave.ts';
import { startPty } from '#test/services/start-pty.ts';

const TIMEOUT_MS = 2000;
const clock = createSystemClock();
const closing: (() => unknown)[] = [];
let slave: CompiledSlave;

beforeAll(async () => {
  slave = await compileLibmodbusSlave();
  return () => slave.remove();
}, 60_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const overTcp = async (): Promise<ModbusLine> => {
  const { place, stop } = await slave.start('tcp', '0');
  closing.push(stop);
  return { kind: 'tcp', host: '127.0.0.1', port: Number(place) };
};

/** Two pseudo-terminals back to back: the slave opens one, the gateway the other. */
const onWire = async (): Promise<ModbusLine> => {
  const [ours, theirs] = [await startPty(), await startPty()];
  closing.push(
    () => ours.stop(),
    () => theirs.stop(),
  );
  ours.onBytes((bytes) => theirs.write(bytes));
  theirs.onBytes((bytes) => ours.write(bytes));
  const { stop } = await slave.start('rtu', theirs.path, '115200');
  closing.push(stop);
  return { kind: 'rtu', path: ours.path, baudRate: 115_200, parity: 'none', stopBits: 1 };
};

describe.each([
  ['Modbus TCP', overTcp],
  ['a serial line', onWire],
] as const)('a unit made of libmodbus, over %s', (_name, start) => {
  const open = async (): Promise<Bus> => {
    const lines = createFieldLines({ clock, logger: silentLogger });
    const bus = lines.open({ id: 'bus-test', line: await start(), timeoutMs: TIMEOUT_MS });
    closing.push(() => bus.close());
    return bus;
  };
  const read = async (bus: Bus, table: Table, address: number, count: number): Promise<readonly number[]> =>
    (await bus.read({ unitId: 1, table, address, count }, 'polling')).words;
  const numbered = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_each, n) => from + n);

  test('is read by functions 1 to 4, up to the longest answers', async () => {
    const bus = await open();
    expect(await read(bus, 'coil', 0, 9)).toEqual([1, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(await read(bus, 'discrete', 4, 8)).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
    expect(await read(bus, 'holding', 100, 125)).toEqual(numbered(1100, 125));
    expect(await read(bus, 'input', 7, 125)).toEqual(numbered(2007, 125));
    expect(await read(bus, 'coil', 0, 300)).toHaveLength(300);
  });

  test('is written by functions 5, 6, 15 and 16, and reads back what was written', async () => {
    const bus = await open();
    await bus.write({ unitId: 1, functionCode: 5, address: 1, words: [1] });
    await bus.write({ unitId: 1, functionCode: 15, address: 10, words: [1, 1, 1, 0, 0, 0, 1, 0, 1, 1] });
    await bus.write({ unitId: 1, functionCode: 6, address: 20, words: [0xabcd] });
    await bus.write({ unitId: 1, functionCode: 16, address: 30, words: numbered(7, 123) });
    expect(await read(bus, 'coil', 0, 3)).toEqual([1, 1, 0]);
    expect(await read(bus, 'coil', 10, 11)).toEqual([1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 0]);
    expect(await read(bus, 'holding', 20, 1)).toEqual([0xabcd]);
    expect(await read(bus, 'holding', 30, 123)).toEqual(numbered(7, 123));
  });

  test('refuses with exceptions 1 to 4, each said as it is', async () => {
    const line = await start();
    const transport = connectModbus('bus-test', line, clock);
    closing.push(() => transport.close());
    await transport.connect();
    const answerTo = async (...pdu: readonly number[]): Promise<readonly number[]> => [
      ...(await transport.request(1, Uint8Array.from(pdu), TIMEOUT_MS)).pdu,
    ];
    // A register whose function is refused; an address beyond the table; 126 registers; a register that fails.
    expect(await answerTo(3, 1, 42, 0, 1)).toEqual([0x83, 1]);
    expect(await answerTo(3, 1, 44, 0, 1)).toEqual([0x83, 2]);
    expect(await answerTo(3, 0, 0, 0, 126)).toEqual([0x83, 3]);
    expect(await answerTo(3, 1, 43, 0, 1)).toEqual([0x83, 4]);
    expect(await answerTo(3, 0, 0, 0, 1)).toEqual([3, 2, 0x03, 0xe8]);
  });
});
