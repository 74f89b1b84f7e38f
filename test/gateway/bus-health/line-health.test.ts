import { afterEach, describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import type { UnitHealth } from '#contract/routes/gateway.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { BusyTime } from '#gateway/bus-health/busy-time.ts';
import { captureFrames } from '#gateway/bus-health/capture-frames.ts';
import { Histogram } from '#gateway/bus-health/histogram.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import type { ModbusLine } from '#gateway/modbus/transport.ts';
import { startRawLine } from '#test/gateway/modbus/scripted-line.ts';
import { type ScriptedRequest, startScriptedServer, wordsFromAddress } from '#test/gateway/modbus/scripted-server.ts';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

const clock = createSystemClock();
const openBus = (line: ModbusLine, timeoutMs = 100, readOnly = false): Bus => {
  const bus = createFieldLines({ clock, logger: silentLogger }).open({ id: 'bus-test', line, timeoutMs, readOnly });
  opened.push(bus);
  return bus;
};
const startField = async (script: (request: ScriptedRequest) => void): Promise<Bus> => {
  const server = await startScriptedServer(script);
  opened.push(server);
  return openBus({ kind: 'tcp', host: '127.0.0.1', port: server.port });
};
const ask = (bus: Bus, unitId: number): Promise<string> =>
  bus.read({ unitId, table: 'holding', address: 10, count: 2 }, 'polling').then(
    () => 'answered',
    (thrown: { code: string }) => thrown.code,
  );
const unit = (bus: Bus, unitId: number): UnitHealth | undefined => bus.health().units.find((each) => each.unitId === unitId);

describe('the health of a bus', () => {
  test('counts what each unit did, and names the one to look at', async () => {
    const bus = await startField((request) => {
      if (request.unitId === 1) request.reply(wordsFromAddress(request));
      if (request.unitId === 2) request.reply([0x83, 2]);
      if (request.unitId === 4) request.reply([6, 0, 0, 0, 0]);
      if (request.unitId === 5) request.reset();
    });
    for (let turn = 0; turn < 4; turn += 1) await ask(bus, 1);
    for (let turn = 0; turn < 3; turn += 1) await ask(bus, 2);
    for (let turn = 0; turn < 5; turn += 1) await ask(bus, 3);
    await ask(bus, 4);
    await ask(bus, 5);
    expect(unit(bus, 1)).toMatchObject({ requests: 4, answers: 4, retries: 0, score: 100, lastFailure: null });
    expect(unit(bus, 1)?.latency.count).toBe(4);
    expect(unit(bus, 1)?.lastAnswerAt).not.toBeNull();
    expect(unit(bus, 2)).toMatchObject({ requests: 3, answers: 0, exceptions: [{ code: 2, count: 3 }], score: 100 });
    expect(unit(bus, 3)).toMatchObject({ requests: 3, retries: 2, timeouts: 3, notAsked: 2, score: 0, lastAnswerAt: null });
    expect(unit(bus, 3)?.leftAloneForMs).toBeGreaterThan(0);
    expect(unit(bus, 3)?.lastFailure).toMatchObject({ code: 'DEVICE_SILENT' });
    expect(unit(bus, 4)).toMatchObject({ requests: 1, invalidAnswers: 1, crcErrors: 0 });
    expect(unit(bus, 5)).toMatchObject({ requests: 1, linkLosses: 1 });
    expect(bus.health()).toMatchObject({ bus: 'bus-test', kind: 'tcp', score: 40, worstUnit: 3 });
    const { utilisation, queue } = bus.health();
    expect(utilisation.lastMinute).toBeGreaterThan(0);
    expect(utilisation.lastMinute).toBeLessThanOrEqual(1);
    expect(queue).toMatchObject({ orders: 0, polling: 0 });
    expect(queue.pollingWait.count).toBe(14);
  });

  test('tells a wrong CRC from silence, on a line that checks itself', async () => {
    const line = await startRawLine();
    opened.push(line);
    line.script = (request) => {
      const frame = encodeRtu(request.unitId, Uint8Array.from(wordsFromAddress(request)));
      frame.writeUInt8(frame.readUInt8(4) ^ 0x10, 4);
      line.say(frame);
    };
    const bus = openBus(line.line);
    expect(await ask(bus, 7)).toBe('MODBUS_REPLY_INVALID');
    expect(unit(bus, 7)).toMatchObject({ requests: 1, crcErrors: 1, invalidAnswers: 0, timeouts: 0, score: 0 });
    line.script = (request) => request.reply(wordsFromAddress(request));
    expect(await ask(bus, 7)).toBe('answered');
    expect(unit(bus, 7)).toMatchObject({ requests: 2, retries: 1, answers: 1, score: 50 });
  });

  test('says what waits, and that the line is down', async () => {
    const bus = await startField(() => undefined);
    const asked = [ask(bus, 1), ask(bus, 1), ask(bus, 1)];
    expect(bus.health().queue).toMatchObject({ orders: 0, polling: 2 });
    await Promise.all(asked);
    const server = await startScriptedServer(() => undefined);
    await server.close();
    const lost = openBus({ kind: 'tcp', host: '127.0.0.1', port: server.port });
    expect(await ask(lost, 1)).toBe('BUS_DISCONNECTED');
    expect(lost.health()).toMatchObject({ isConnected: false, connectFailures: 1, score: null, worstUnit: null, units: [] });
  });

  test('a bus that is read only sends no write', async () => {
    const heard: number[] = [];
    const server = await startScriptedServer((request) => {
      heard.push(request.functionCode);
      request.reply(wordsFromAddress(request));
    });
    opened.push(server);
    const bus = openBus({ kind: 'tcp', host: '127.0.0.1', port: server.port }, 100, true);
    await expect(bus.write({ unitId: 1, functionCode: 6, address: 1, words: [1] })).rejects.toMatchObject({
      code: 'WRITE_NOT_ALLOWED',
      fields: { rule: expect.stringContaining('--read-only') as string },
    });
    expect(await ask(bus, 1)).toBe('answered');
    expect(heard).toEqual([3]);
  });
});

describe('the trace of a bus', () => {
  test('gives the frames of both ways and what became of each request, and nothing when it is over', async () => {
    const bus = await startField((request) => {
      if (request.unitId === 1) request.reply(wordsFromAddress(request));
    });
    const simulated = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
    const capture = captureFrames({
      buses: [bus],
      durationMs: 1000,
      clock: simulated,
      signal: new AbortController().signal,
    });
    await ask(bus, 1);
    await ask(bus, 9);
    await simulated.advance(1000);
    const { frames, isFull } = await capture;
    await ask(bus, 1);
    expect(isFull).toBe(false);
    expect(frames.map(({ direction, unitId, hex, outcome }) => [direction, unitId, hex.slice(12), outcome])).toEqual([
      ['sent', 1, '0103000a0002', ''],
      ['received', 1, '010304000a000b', ''],
      ['outcome', 1, '', 'answered'],
      ['sent', 9, '0903000a0002', ''],
      ['outcome', 9, '', 'DEVICE_SILENT'],
    ]);
  });

  test('ends when it is full, or when nobody waits for it any more', async () => {
    const bus = await startField((request) => request.reply(wordsFromAddress(request)));
    const simulated = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
    const listen = (signal: AbortSignal) => captureFrames({ buses: [bus], durationMs: 60_000, clock: simulated, signal });
    const full = listen(new AbortController().signal);
    for (let turn = 0; turn < 700; turn += 1) await ask(bus, 1);
    expect(await full).toMatchObject({ isFull: true, frames: { length: 2000 } });
    const gone = new AbortController();
    const left = listen(gone.signal);
    gone.abort();
    expect(await left).toEqual({ frames: [], isFull: false });
  });
});

describe('busy time', () => {
  test('is a share of the last minute and of the last five, since the start at most', () => {
    const busy = new BusyTime(1000);
    expect(busy.share(1000, 60_000)).toBe(0);
    busy.begin(2000);
    busy.end(4000);
    expect(busy.share(5000, 60_000)).toBeCloseTo(0.5);
    busy.begin(5000);
    expect(busy.share(9000, 60_000)).toBeCloseTo(0.75);
    busy.end(9000);
    expect(busy.share(100_000, 60_000)).toBe(0);
    expect(busy.share(100_000, 300_000)).toBeCloseTo(6 / 99);
    expect(busy.share(3_600_000, 300_000)).toBe(0);
  });

  test('an hour in one request is full, and leaves nothing behind', () => {
    const busy = new BusyTime(0);
    busy.begin(0);
    expect(busy.share(3_600_000, 300_000)).toBeCloseTo(1);
    busy.end(3_600_000);
    expect(busy.share(3_660_000, 300_000)).toBeCloseTo(0.8, 1);
    expect(busy.share(4_000_000, 300_000)).toBe(0);
  });
});

test('a histogram counts each duration in every bucket that holds it', () => {
  const histogram = new Histogram();
  for (const durationMs of [5, 6, 9999]) histogram.add(durationMs);
  const { buckets, ...sums } = histogram.durations();
  expect(sums).toEqual({ count: 3, sumMs: 10_010 });
  expect(buckets.filter(({ upToMs }) => upToMs === 5 || upToMs === 10 || upToMs === 5000 || upToMs === null)).toEqual([
    { upToMs: 5, count: 1 },
    { upToMs: 10, count: 2 },
    { upToMs: 5000, count: 2 },
    { upToMs: null, count: 3 },
  ]);
});
