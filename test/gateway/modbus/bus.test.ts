import { afterEach, describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import type { ReadRequest } from '#gateway/modbus/requests.ts';
import { type ScriptedServer, startScriptedServer, wordsFromAddress } from './scripted-server.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const startServer = async (script: Parameters<typeof startScriptedServer>[0]): Promise<ScriptedServer> => {
  const server = await startScriptedServer(script);
  opened.push(server);
  return server;
};

const openBus = (port: number, clock: Clock = createSystemClock(), timeoutMs = 500): Bus => {
  const lines = createFieldLines({ clock, logger: silentLogger });
  const bus = lines.open({ id: 'bus-test', line: { kind: 'tcp', host: '127.0.0.1', port }, timeoutMs });
  opened.push(bus);
  return bus;
};

const block = (address: number, unitId = 1, count = 2): ReadRequest => ({ unitId, table: 'holding', address, count });

describe('a bus over Modbus TCP', () => {
  test('reads and writes', async () => {
    const server = await startServer((request) =>
      request.reply(request.functionCode === 3 ? wordsFromAddress(request) : [...request.pdu.subarray(0, 5)]),
    );
    const bus = openBus(server.port);
    expect((await bus.read(block(25036), 'polling')).words).toEqual([25036, 25037]);
    await bus.write({ unitId: 1, functionCode: 6, address: 15, words: [70] });
    await bus.write({ unitId: 1, functionCode: 5, address: 2, words: [1] });
    await bus.write({ unitId: 1, functionCode: 16, address: 9, words: [1, 2] });
    expect(server.requests.slice(1).map(({ pdu }) => pdu.toString('hex'))).toEqual([
      '06000f0046',
      '050002ff00',
      '100009000204' + '00010002',
    ]);
  });

  test('never takes a late reply for the answer to another request', async () => {
    const late: (() => void)[] = [];
    const server = await startServer((request) => {
      if (request.address === 100) late.push(() => request.reply(wordsFromAddress(request)));
      else {
        for (const send of late.splice(0)) send();
        request.reply(wordsFromAddress(request));
      }
    });
    const bus = openBus(server.port);
    await expect(bus.read(block(100), 'polling')).rejects.toMatchObject({ code: 'DEVICE_SILENT' });
    for (let address = 200; address < 1200; address += 1)
      expect((await bus.read(block(address), 'polling')).words).toEqual([address, address + 1]);
  });

  test('carries one request at a time, and an order overtakes polling', async () => {
    const server = await startServer(() => undefined);
    const bus = openBus(server.port, createSystemClock(), 2000);
    const polls = [block(1), block(2), block(3)].map((request) => bus.read(request, 'polling'));
    await server.received(1);
    const order = bus.write({ unitId: 1, functionCode: 6, address: 15, words: [70] });
    expect(server.requests).toHaveLength(1);
    server.script = (request) => request.reply(request.functionCode === 3 ? wordsFromAddress(request) : [...request.pdu]);
    const [first] = server.requests;
    first?.reply(wordsFromAddress(first));
    await Promise.all([...polls, order]);
    expect(server.requests.map(({ address }) => address)).toEqual([1, 15, 2, 3]);
  });

  test('sends what follows an order before polling, and a write before what is read back', async () => {
    const server = await startServer(() => undefined);
    const bus = openBus(server.port, createSystemClock(), 2000);
    const polls = [block(1), block(2)].map((request) => bus.read(request, 'polling'));
    await server.received(1);
    const proof = bus.read(block(50), 'order');
    const order = bus
      .write({ unitId: 1, functionCode: 6, address: 15, words: [70] })
      .then(() => bus.read(block(60), 'order'))
      .then(() => bus.write({ unitId: 1, functionCode: 5, address: 16, words: [1] }));
    server.script = (request) => request.reply(request.functionCode === 3 ? wordsFromAddress(request) : [...request.pdu]);
    const [first] = server.requests;
    first?.reply(wordsFromAddress(first));
    await Promise.all([...polls, proof, order]);
    expect(server.requests.map(({ address }) => address)).toEqual([1, 15, 50, 60, 16, 2]);
  });

  test('rejects at once when the peer resets, and works again after', async () => {
    const server = await startServer((request) => request.reset());
    const bus = openBus(server.port, createSystemClock(), 20_000);
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
    server.script = (request) => request.reply(wordsFromAddress(request));
    expect((await bus.read(block(7), 'polling')).words).toEqual([7, 8]);
  });

  test('says what an answer has that cannot be', async () => {
    const server = await startServer((request) => request.reply([3, 2, 0, 1]));
    const bus = openBus(server.port);
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'MODBUS_REPLY_INVALID' });
    server.script = (request) => request.reply([0x83, 2]);
    await expect(bus.read(block(9), 'polling')).rejects.toMatchObject({
      code: 'MODBUS_EXCEPTION',
      fields: { exception: 2, address: 9, functionCode: 3 },
    });
    server.script = (request) => request.reply([4, 4, 0, 1, 0, 2]);
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'MODBUS_REPLY_INVALID' });
    server.script = (request) => request.raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'MODBUS_REPLY_INVALID' });
    server.script = (request) => request.reply(wordsFromAddress(request));
    expect((await bus.read(block(7), 'polling')).words).toEqual([7, 8]);
  });

  test('puts an answer that comes in pieces together', async () => {
    const server = await startServer((request) => {
      const whole = Buffer.from([0, request.transaction, 0, 0, 0, 7, 1, 3, 4, 0, 42, 0, 43]);
      for (const byte of whole) request.raw(Buffer.from([byte]));
    });
    expect((await openBus(server.port).read(block(1), 'polling')).words).toEqual([42, 43]);
  });

  test('never asks for more than 125 registers', async () => {
    const server = await startServer(() => undefined);
    await expect(openBus(server.port).read(block(0, 1, 126), 'polling')).rejects.toThrow(RangeError);
    expect(server.requests).toHaveLength(0);
  });

  test('leaves a dead unit alone after three silences, so that the others are not starved', async () => {
    const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
    const server = await startServer((request) => {
      if (request.unitId === 1) request.reply(wordsFromAddress(request));
    });
    const bus = openBus(server.port, clock, 1000);
    await bus.read(block(1), 'polling');
    for (let silences = 1; silences <= 3; silences += 1) {
      const silent = expect(bus.read(block(1, 9), 'polling')).rejects.toMatchObject({ code: 'DEVICE_SILENT' });
      await server.received(1 + silences);
      await clock.advance(1000 * 2 ** (silences - 1));
      await silent;
    }
    await expect(bus.read(block(1, 9), 'polling')).rejects.toMatchObject({ code: 'DEVICE_SILENT' });
    expect((await bus.read(block(5), 'polling')).words).toEqual([5, 6]);
    expect(server.requests.filter(({ unitId }) => unitId === 9)).toHaveLength(3);
    await clock.advance(5000);
    server.script = (request) => request.reply(wordsFromAddress(request));
    expect((await bus.read(block(1, 9), 'polling')).words).toEqual([1, 2]);
    expect((await bus.read(block(2, 9), 'polling')).words).toEqual([2, 3]);
  });

  test('every call settles when it is closed', async () => {
    const server = await startServer(() => undefined);
    const bus = openBus(server.port, createSystemClock(), 20_000);
    const calls = [
      bus.read(block(1), 'polling'),
      bus.read(block(2), 'polling'),
      bus.write({ unitId: 1, functionCode: 6, address: 1, words: [1] }),
    ];
    await server.received(1);
    bus.close();
    for (const settled of await Promise.allSettled(calls))
      expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'BUS_DISCONNECTED' } });
    await expect(bus.read(block(3), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
  });

  test('does not hammer an address where nothing listens', async () => {
    const server = await startServer(() => undefined);
    const { port } = server;
    await server.close();
    opened.splice(opened.indexOf(server), 1);
    const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
    const bus = openBus(port, clock);
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED', fields: { bus: 'bus-test' } });
    await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ fields: { reason: 'it is tried again soon' } });
  });
});
