import modbusSerial from 'modbus-serial';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { createModbusServer, type ModbusServer } from '#simulators/modbus-server/modbus-server.ts';
import type { ModbusUnit } from '#simulators/modbus-server/modbus-unit.ts';
import { createRegisterImage } from '#simulators/modbus-server/register-image.ts';
import { loadRegisterFacts } from '#simulators/register-facts/register-facts.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { type ModbusSocket, openModbusSocket, requestFrame } from './modbus-socket.ts';

const cabinet = loadRegisterFacts()('axone-demo-cabinet');

/** Four coils, a discrete input, an input register and two holding registers that keep what they are told. */
const createUnit = (): ModbusUnit => {
  const coils = [0, 1, 0, 1];
  const holding = [900, 15];
  return createRegisterImage({
    cells: [
      ...coils.map((_, address) => ({
        fact: cabinet.register('segment_contactor'),
        address,
        read: () => coils[address] ?? 0,
        write: (value: number) => {
          coils[address] = value;
        },
      })),
      { fact: cabinet.register('door_open'), address: 0, read: () => 1 },
      { fact: cabinet.register('leakage_current'), address: 0, read: () => 1.6 },
      ...['failsafe_timeout', 'failsafe_state'].map((name, address) => ({
        fact: cabinet.register(name),
        address,
        read: () => holding[address] ?? 0,
        write: (value: number) => {
          holding[address] = value;
        },
        accepts: (value: number) => address === 0 || value <= 15,
      })),
    ],
  });
};

const broken: ModbusUnit = {
  read: () => {
    throw new Error('its memory is gone');
  },
  write: () => undefined,
};

let clock: SimulatedClock;
let server: ModbusServer;
let socket: ModbusSocket;
let logger: ReturnType<typeof recordingLogger>;

beforeEach(async () => {
  clock = createSimulatedClock({ civil: parseInstant('2026-11-24T16:15:00Z') });
  logger = recordingLogger();
  server = createModbusServer({
    clock,
    logger,
    host: '127.0.0.1',
    port: 0,
    use: 'a bus',
    portOption: '--street-port',
    units: new Map([
      [2, createUnit()],
      [3, createUnit()],
      [9, broken],
    ]),
    beforeRequest: () => undefined,
  });
  await server.start();
  socket = await openModbusSocket(server.port());
});

afterEach(async () => {
  socket.end();
  await server.stop();
});

const ask = async (unitId: number, ...request: number[]): Promise<number[]> => {
  socket.send(requestFrame(7, unitId, ...request));
  const answer = await socket.answer();
  expect(answer.readUInt16BE(0)).toBe(7);
  expect(answer[6]).toBe(unitId);
  return [...answer.subarray(7)];
};

describe('the functions of a bus', () => {
  test('coils, inputs and registers are read with functions 1 to 4', async () => {
    expect(await ask(2, 1, 0, 0, 0, 4)).toEqual([1, 1, 0b1010]);
    expect(await ask(2, 2, 0, 0, 0, 1)).toEqual([2, 1, 1]);
    expect(await ask(2, 3, 0, 0, 0, 2)).toEqual([3, 4, 0x03, 0x84, 0x00, 0x0f]);
    expect(await ask(2, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
  });

  test('one or several are written with functions 5, 6, 15 and 16, and read back', async () => {
    expect(await ask(2, 5, 0, 0, 0xff, 0)).toEqual([5, 0, 0, 0xff, 0]);
    expect(await ask(2, 15, 0, 1, 0, 3, 1, 0b011)).toEqual([15, 0, 1, 0, 3]);
    expect(await ask(2, 1, 0, 0, 0, 4)).toEqual([1, 1, 0b0111]);
    expect(await ask(2, 6, 0, 0, 1, 44)).toEqual([6, 0, 0, 1, 44]);
    expect(await ask(2, 16, 0, 0, 0, 2, 4, 0, 60, 0, 3)).toEqual([16, 0, 0, 0, 2]);
    expect(await ask(2, 3, 0, 0, 0, 2)).toEqual([3, 4, 0, 60, 0, 3]);
  });

  test('an unknown function is exception 01', async () => {
    expect(await ask(2, 43, 14, 1, 0)).toEqual([43 | 0x80, 1]);
  });

  test('an address that does not exist, and a register that only reads, are exception 02', async () => {
    expect(await ask(2, 3, 0, 2, 0, 1)).toEqual([0x83, 2]);
    expect(await ask(2, 3, 0xff, 0xff, 0, 2)).toEqual([0x83, 2]);
    expect(await ask(2, 16, 0, 1, 0, 2, 4, 0, 1, 0, 1)).toEqual([0x90, 2]);
  });

  test('a count, a value or a length that cannot be are exception 03, and nothing is written', async () => {
    expect(await ask(2, 3, 0, 0, 0, 126)).toEqual([0x83, 3]);
    expect(await ask(2, 3, 0, 0, 0, 0)).toEqual([0x83, 3]);
    expect(await ask(2, 5, 0, 0, 0x12, 0)).toEqual([0x85, 3]);
    expect(await ask(2, 16, 0, 0, 0, 2, 4, 0, 60, 0, 16)).toEqual([0x90, 3]);
    expect(await ask(2, 16, 0, 0, 0, 2, 3, 0, 60, 0)).toEqual([0x90, 3]);
    expect(await ask(2, 3, 0, 0)).toEqual([0x83, 3]);
    expect(await ask(2, 3, 0, 0, 0, 2)).toEqual([3, 4, 0x03, 0x84, 0x00, 0x0f]);
  });

  test('a unit that breaks is exception 04, said once in the log', async () => {
    expect(await ask(9, 3, 0, 0, 0, 1)).toEqual([0x83, 4]);
    expect(await ask(9, 3, 0, 0, 0, 1)).toEqual([0x83, 4]);
    expect(logger.lines.map(({ event }) => event)).toEqual(['simulated-unit-failed']);
  });

  test('a unit that is not on the line is exception 0x0B, as a gateway says it', async () => {
    expect(await ask(77, 3, 0, 0, 0, 1)).toEqual([0x83, 0x0b]);
  });

  test('the broadcast address is never answered', async () => {
    socket.send(requestFrame(1, 0, 3, 0, 0, 0, 1));
    expect(await ask(2, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
    expect(socket.untaken).toEqual([]);
  });
});

describe('the stream', () => {
  test('requests sent at once are each answered under their own transaction', async () => {
    socket.send(
      Buffer.concat([11, 12, 13].map((transaction) => requestFrame(transaction, 2 + (transaction % 2), 4, 0, 0, 0, 1))),
    );
    const answers = [await socket.answer(), await socket.answer(), await socket.answer()];
    expect(answers.map((answer) => [answer.readUInt16BE(0), answer[6]])).toEqual([
      [11, 3],
      [12, 2],
      [13, 3],
    ]);
  });

  test('a request that comes byte by byte is answered once whole', async () => {
    for (const byte of requestFrame(5, 2, 4, 0, 0, 0, 1)) socket.send(Buffer.of(byte));
    expect([...(await socket.answer()).subarray(7)]).toEqual([4, 2, 0, 16]);
  });

  test.each([
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['an impossible length', Buffer.from([0, 1, 0, 0, 0xff, 0xff, 2])],
    ['an empty request', Buffer.from([0, 1, 0, 0, 0, 1, 2])],
  ])('%s closes its own connection and no other', async (_name, bytes) => {
    const stranger = await openModbusSocket(server.port());
    stranger.send(bytes);
    await stranger.closed();
    expect(await ask(2, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
    expect(server.figures().brokenConnections).toBe(1);
  });

  test('a foreign client reads and writes, and several do at once', async () => {
    const clients = await Promise.all(
      [2, 3].map(async (unitId) => {
        const client = new modbusSerial.default();
        await client.connectTCP('127.0.0.1', { port: server.port() });
        client.setID(unitId);
        return client;
      }),
    );
    await Promise.all(clients.map((client, place) => client.writeRegister(0, 100 + place)));
    const read = await Promise.all(clients.map((client) => client.readHoldingRegisters(0, 1)));
    expect(read.map(({ data }) => data[0])).toEqual([100, 101]);
    expect(server.figures().clients).toBe(3);
    for (const client of clients) await new Promise((resolve) => client.close(() => resolve(undefined)));
  });
});

describe('the conduct of a unit', () => {
  test('a late unit answers after its delay and delays no other', async () => {
    server.conduct(2, { kind: 'late', delayMs: 1500 });
    socket.send(requestFrame(21, 2, 4, 0, 0, 0, 1));
    expect(await ask(3, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
    await clock.advance(1499);
    expect(socket.untaken).toEqual([]);
    const late = socket.answer();
    await clock.advance(1);
    expect((await late).readUInt16BE(0)).toBe(21);
  });

  test('a silent unit says nothing, then answers again', async () => {
    server.conduct(2, { kind: 'silent' });
    socket.send(requestFrame(31, 2, 4, 0, 0, 0, 1));
    expect(await ask(3, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
    server.conduct(2, { kind: 'answers' });
    expect(await ask(2, 4, 0, 0, 0, 1)).toEqual([4, 2, 0, 16]);
    expect(socket.untaken).toEqual([]);
  });

  test('a unit that refuses answers with its exception', async () => {
    server.conduct(2, { kind: 'refuses', exception: 6 });
    expect(await ask(2, 4, 0, 0, 0, 1)).toEqual([0x84, 6]);
  });
});

test('a port already used is said in one sentence with the option that changes it', async () => {
  const second = createModbusServer({
    clock,
    logger,
    host: '127.0.0.1',
    port: server.port(),
    use: 'a bus',
    portOption: '--street-port',
    units: new Map(),
    beforeRequest: () => undefined,
  });
  await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE', fields: { option: '--street-port' } });
});
