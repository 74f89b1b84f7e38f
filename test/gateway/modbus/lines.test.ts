import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { Fault } from '#contract/errors.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { decodeRead, encodeRead, type ReadRequest } from '#gateway/modbus/requests.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import type { ModbusTransport } from '#gateway/modbus/transport.ts';
import { until } from '#test/services/until.ts';
import { type LineRequest, type ScriptedLine, startRawLine, startSerialLine, startTcpLine } from './scripted-line.ts';
import { wordsFromAddress } from './scripted-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const clock = createSystemClock();
/** Long beside what a busy machine adds to the way of a byte, which here counts as the lateness of a unit. */
const TIMEOUT_MS = 250;
const KINDS = [
  ['rtu', startSerialLine],
  ['rtu-over-tcp', startRawLine],
  ['tcp', startTcpLine],
] as const;
const SHARED_WIRES = KINDS.slice(0, 2);

const start = async (startLine: () => Promise<ScriptedLine>): Promise<ScriptedLine> => {
  const line = await startLine();
  closing.push(() => line.close());
  return line;
};

const connect = async ({ line }: ScriptedLine): Promise<ModbusTransport> => {
  const transport = connectModbus('bus-test', line, clock);
  closing.push(() => transport.close());
  await transport.connect();
  return transport;
};

const block = (address: number, unitId = 1, count = 2): ReadRequest => ({ unitId, table: 'holding', address, count });

interface Tally {
  right: number;
  wrong: number;
  readonly refused: Record<string, number>;
}

/** Reads blocks that only their values tell apart, and counts. */
const readMany = async (transport: ModbusTransport, times: number): Promise<Tally> => {
  const tally: Tally = { right: 0, wrong: 0, refused: {} };
  for (let turn = 0; turn < times; turn += 1) {
    const request = block(1000 + turn * 2);
    try {
      const { pdu } = await transport.request(request.unitId, encodeRead(request), TIMEOUT_MS);
      const [first, second] = decodeRead(request, pdu);
      if (first === request.address && second === request.address + 1) tally.right += 1;
      else tally.wrong += 1;
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      tally.refused[thrown.code] = (tally.refused[thrown.code] ?? 0) + 1;
    }
  }
  return tally;
};

/** The same sequence at each run. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};

describe.each(KINDS)('a line of kind %s', (_kind, startLine) => {
  test('is read and written through a bus', async () => {
    const units = await start(startLine);
    units.script = (request) =>
      request.reply(request.functionCode <= 4 ? wordsFromAddress(request) : [...request.pdu.subarray(0, 5)]);
    const lines = createFieldLines({ clock, logger: silentLogger });
    const bus = lines.open({ id: 'bus-test', line: units.line, timeoutMs: 1000 });
    closing.push(() => bus.close());
    expect((await bus.read(block(7), 'polling')).words).toEqual([7, 8]);
    expect((await bus.read({ ...block(9, 2, 125), table: 'input' }, 'polling')).words).toHaveLength(125);
    await bus.write({ unitId: 1, functionCode: 6, address: 15, words: [70] });
    await bus.write({ unitId: 1, functionCode: 16, address: 9, words: [1, 2] });
    units.script = (request) => request.reply([0x83, 2]);
    await expect(bus.read(block(9), 'polling')).rejects.toMatchObject({ code: 'MODBUS_EXCEPTION', fields: { exception: 2 } });
  });

  test('with answers later than the time-out, gives no wrong value in 1,000 reads', { timeout: 180_000 }, async () => {
    const random = randomFrom(7);
    const units = await start(startLine);
    let late = 0;
    units.script = (request) => {
      if (random() > 0.03) request.reply(wordsFromAddress(request));
      else {
        const heardAt = performance.now();
        void pause(TIMEOUT_MS * (1.1 + random() * 0.5)).then(() => {
          // The way there and back takes the rest; what this machine makes later than twice the time-out is not of this test.
          if (performance.now() - heardAt > 1.7 * TIMEOUT_MS) return;
          late += 1;
          request.reply(wordsFromAddress(request));
        });
      }
    };
    const tally = await readMany(await connect(units), 1000);
    expect(late).toBeGreaterThan(10);
    expect(tally.wrong).toBe(0);
    expect(tally.right).toBeGreaterThan(700);
  });

  test('settles what is in flight when it is closed', async () => {
    const units = await start(startLine);
    const heard = Promise.withResolvers<void>();
    units.script = () => heard.resolve();
    const transport = await connect(units);
    const asked = expect(transport.request(1, encodeRead(block(1)), 20_000)).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
    await heard.promise;
    transport.close();
    await asked;
    await expect(transport.request(1, encodeRead(block(1)), 20)).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
  });
});

describe.each(SHARED_WIRES)('a wire of kind %s that others speak on', (_kind, startLine) => {
  test('gives no wrong value beside a second master that reads the same unit', { timeout: 180_000 }, async () => {
    const random = randomFrom(11);
    const units = await start(startLine);
    const waiting: (() => void)[] = [];
    let foreignExchanges = 0;
    let isForeign = false;
    /** One unit answers one request after the other: the second master's may come first. */
    units.script = (request: LineRequest) => {
      const answer = (): void => request.reply(wordsFromAddress(request));
      if (isForeign) waiting.push(answer);
      else answer();
    };
    const ended = new AbortController();
    const secondMaster = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        await pause(1 + random() * 25);
        isForeign = true;
        foreignExchanges += 1;
        units.say(encodeRtu(1, encodeRead(block(5))));
        await pause(random() * 8);
        units.say(encodeRtu(1, Uint8Array.from(wordsFromAddress({ functionCode: 3, address: 5, count: 2 }))));
        isForeign = false;
        for (const answer of waiting.splice(0)) answer();
      }
    };
    const speaking = secondMaster();
    const tally = await readMany(await connect(units), 150);
    ended.abort();
    await speaking;
    expect(foreignExchanges).toBeGreaterThan(50);
    expect(tally.wrong).toBe(0);
    expect(tally.right).toBeGreaterThan(50);
  });

  test('lives beside broadcasts of another maker', async () => {
    const random = randomFrom(13);
    const units = await start(startLine);
    units.script = (request) => {
      if (random() < 0.2) units.say(encodeRtu(0, Uint8Array.from([6, 0, 1, 0, 9])));
      if (random() < 0.1) units.say(Buffer.from('9a55c3000102', 'hex'));
      request.reply(wordsFromAddress(request));
    };
    const tally = await readMany(await connect(units), 100);
    expect(tally.wrong).toBe(0);
    expect(tally.right).toBeGreaterThan(50);
  });
});

test('a serial port that is pulled out fails at once, and works again when it is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-serial-'));
  closing.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'usb-port');
  const plug = async (): Promise<ScriptedLine> => {
    const units = await start(startSerialLine);
    if (units.line.kind === 'rtu') await symlink(units.line.path, path);
    return units;
  };
  const pulled = await plug();
  const heard = Promise.withResolvers<void>();
  pulled.script = () => heard.resolve();
  const lines = createFieldLines({ clock, logger: silentLogger });
  const line = { kind: 'rtu', path, baudRate: 9600, parity: 'even', stopBits: 1 } as const;
  const bus = lines.open({ id: 'bus-test', line, timeoutMs: 20_000 });
  closing.push(() => bus.close());
  const asked = expect(bus.read(block(1), 'polling')).rejects.toMatchObject({
    code: 'BUS_DISCONNECTED',
    fields: { address: path },
  });
  await heard.promise;
  await pulled.close();
  await asked;
  await unlink(path);
  await expect(bus.read(block(1), 'polling')).rejects.toMatchObject({ code: 'BUS_DISCONNECTED' });
  await plug();
  const readsAgain = (): Promise<boolean> =>
    bus.read(block(3), 'polling').then(
      ({ words }) => words[0] === 3,
      () => false,
    );
  await until('the port is read again', readsAgain);
});
