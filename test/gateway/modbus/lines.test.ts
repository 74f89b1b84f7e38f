import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { encodeRead, type ReadRequest } from '#gateway/modbus/requests.ts';
import type { ModbusTransport } from '#gateway/modbus/transport.ts';
import { until } from '#test/services/until.ts';
import { listeningHeldUp, threadsHeldUp } from './held-up.ts';
import { type Tally, tryCorruption, tryForeignBroadcasts, tryLateAnswers, trySecondMaster } from './line-trials.ts';
import { type ScriptedLine, startRawLine, startSerialLine, startTcpLine } from './scripted-line.ts';
import { wordsFromAddress } from './scripted-server.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const clock = createSystemClock();
const TIMEOUT_MS = 100;
const SHORT_TIMEOUT_MS = 60;
/** However busy this machine is. */
const PATIENCE_MS = 120_000;
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

  test('with answers later than the time-out, gives no wrong value', { timeout: PATIENCE_MS }, async () => {
    const isEnough = ({ right, refused }: Tally): boolean => right >= 40 && (refused['DEVICE_SILENT'] ?? 0) >= 12;
    const tally = await tryLateAnswers({ startLine, seed: 7, timeoutMs: TIMEOUT_MS, isEnough });
    expect(tally.wrong).toBe(0);
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

describe.each(SHARED_WIRES)('a wire of kind %s', (_kind, startLine) => {
  const isEnough = ({ right, tried }: Tally): boolean => right >= 15 && tried >= 15;

  test('beside a second master that reads the same unit, gives no wrong value', { timeout: PATIENCE_MS }, async () => {
    expect(await trySecondMaster({ startLine, seed: 11, timeoutMs: TIMEOUT_MS, isEnough })).toMatchObject({ wrong: 0 });
  });

  test('beside broadcasts of another maker, gives no wrong value', { timeout: PATIENCE_MS }, async () => {
    expect(await tryForeignBroadcasts({ startLine, seed: 13, timeoutMs: TIMEOUT_MS, isEnough })).toMatchObject({ wrong: 0 });
  });

  test('with corrupted answers, gives no wrong value', { timeout: PATIENCE_MS }, async () => {
    expect(await tryCorruption({ startLine, seed: 17, timeoutMs: TIMEOUT_MS, isEnough })).toMatchObject({ wrong: 0 });
  });
});

describe.each([
  ['the threads of this process wait for a slow disk', threadsHeldUp],
  ['this process is held up', listeningHeldUp],
] as const)('a serial port with late answers, while %s', (_what, heldUp) => {
  test('gives no wrong value', { timeout: PATIENCE_MS }, async () => {
    const isEnough = ({ right, tried }: Tally): boolean => right >= 30 && tried >= 12;
    const trial = { startLine: startSerialLine, seed: 19, timeoutMs: SHORT_TIMEOUT_MS, isEnough, heldUp };
    expect(await tryLateAnswers(trial)).toMatchObject({ wrong: 0 });
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
  const bus = lines.open({ id: 'bus-test', line, timeoutMs: 3000 });
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
  await until('the port is read again', readsAgain, 20_000);
});
