import { afterEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import type { ReadRequest } from '#gateway/modbus/requests.ts';
import { ResponseTimes } from '#gateway/modbus/response-times.ts';
import { startScriptedServer, wordsFromAddress } from './scripted-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const block = (address: number): ReadRequest => ({ unitId: 1, table: 'holding', address, count: 2 });

describe('two buses at one address', () => {
  const openTwo = async () => {
    const server = await startScriptedServer(() => undefined);
    closing.push(() => server.close());
    const lines = createFieldLines({ clock: createSystemClock(), logger: silentLogger });
    const open = (id: string): Bus => {
      const bus = lines.open({ id, line: { kind: 'tcp', host: '127.0.0.1', port: server.port }, timeoutMs: 20_000 });
      closing.push(() => bus.close());
      return bus;
    };
    return { server, lines, first: open('bus-first'), second: open('bus-second') };
  };

  test('share one queue: one request in flight, and an order of one overtakes the polling of the other', async () => {
    const { server, first, second } = await openTwo();
    const polls = [first.read(block(1), 'polling'), first.read(block(2), 'polling')];
    await server.received(1);
    const order = second.write({ unitId: 2, functionCode: 6, address: 15, words: [70] });
    expect(server.requests).toHaveLength(1);
    server.script = (request) => request.reply(request.functionCode === 3 ? wordsFromAddress(request) : [...request.pdu]);
    const [waiting] = server.requests;
    waiting?.reply(wordsFromAddress(waiting));
    await Promise.all([...polls, order]);
    expect(server.requests.map(({ address }) => address)).toEqual([1, 15, 2]);
    expect(server.connections()).toBe(1);
  });

  test('are closed one without the other', async () => {
    const { server, first, second } = await openTwo();
    const given = expect(first.read(block(1), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
    const asked = second.read(block(5), 'polling');
    await server.received(1);
    first.close();
    await given;
    server.script = (request) => request.reply(wordsFromAddress(request));
    const [waiting] = server.requests;
    waiting?.reply(wordsFromAddress(waiting));
    expect((await asked).words).toEqual([5, 6]);
    await expect(first.read(block(7), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
    expect(server.connections()).toBe(1);
  });

  test('cannot be spoken to in two ways', async () => {
    const { server, lines } = await openTwo();
    const serial = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
    const line = { kind: 'rtu-over-tcp', host: '127.0.0.1', port: server.port, ...serial } as const;
    expect(() => lines.open({ id: 'bus-third', line, timeoutMs: 1000 })).toThrow(/spoken otherwise/);
  });

  test('give way to another way of speaking when both are about to be left; what took their place stays when they are', async () => {
    const { server, lines, first, second } = await openTwo();
    const serial = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
    const line = { kind: 'rtu-over-tcp', host: '127.0.0.1', port: server.port, ...serial } as const;
    const opening = { id: 'bus-third', line, timeoutMs: 1000 };
    expect(() => lines.open({ ...opening, leaving: 1 })).toThrow(/spoken otherwise/);
    lines.open({ ...opening, leaving: 2 }).close();
    server.script = (request) => request.reply(wordsFromAddress(request));
    expect((await first.read(block(5), 'polling')).words).toEqual([5, 6]);
    const third = lines.open({ ...opening, leaving: 2 });
    first.close();
    second.close();
    const fourth = lines.open({ ...opening, id: 'bus-fourth' });
    third.close();
    expect(() => lines.open({ ...opening, id: 'bus-fifth', line: first.line })).toThrow(/spoken otherwise/);
    fourth.close();
    lines.open({ ...opening, id: 'bus-sixth', line: first.line }).close();
  });
});

describe('how long a unit is waited for', () => {
  const FIRST_MS = 1000;
  const answer = (times: ResponseTimes, unitId: number, ...allMs: readonly number[]): void => {
    for (const ms of allMs) times.answered(unitId, ms);
  };
  const tenTimes = (ms: number): readonly number[] => Array.from({ length: 10 }, () => ms);

  test('is twice its slowest recent answers, between 100 ms and 2 s', () => {
    const times = new ResponseTimes(100);
    expect(times.timeoutMs(1, FIRST_MS)).toBe(FIRST_MS);
    answer(times, 1, ...tenTimes(80), 140);
    expect(times.timeoutMs(1, FIRST_MS)).toBe(280);
    answer(times, 2, ...tenTimes(3));
    expect(times.timeoutMs(2, FIRST_MS)).toBe(100);
    answer(times, 3, ...tenTimes(1900));
    expect(times.timeoutMs(3, FIRST_MS)).toBe(2000);
  });

  test('forgets an outlier', () => {
    const times = new ResponseTimes(100);
    answer(times, 1, 900, ...Array.from({ length: 100 }, () => 60));
    expect(times.timeoutMs(1, FIRST_MS)).toBe(120);
  });

  test('doubles at each silence, so that a unit that became slow is found again', () => {
    const times = new ResponseTimes(100);
    answer(times, 1, ...tenTimes(50));
    const given = [0, 1, 2].map(() => {
      const ms = times.timeoutMs(1, FIRST_MS);
      times.keptSilent(1);
      return ms;
    });
    expect(given).toEqual([100, 200, 400]);
    answer(times, 1, 450);
    expect(times.timeoutMs(1, FIRST_MS)).toBe(FIRST_MS);
  });

  test('is short for a stranger on a line whose others are quick', () => {
    const times = new ResponseTimes(100);
    for (const unitId of [1, 2, 3]) answer(times, unitId, ...tenTimes(40));
    const given = Array.from({ length: 6 }, () => {
      const ms = times.timeoutMs(9, FIRST_MS);
      times.keptSilent(9);
      return ms;
    });
    expect(given).toEqual([300, 600, 1200, 300, 600, 300]);
  });
});
