import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { fieldDevice } from '#contract/messages/field-devices.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { createFieldDevice, type FieldDevice } from '#gateway/devices/field-device.ts';
import { type DeviceReading, readDevice } from '#gateway/devices/read-device.ts';
import { ReadLessons } from '#gateway/devices/read-lessons.ts';
import { createFieldLines, type DeviceProfiles, loadProfiles } from '#gateway/index.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { type ScriptedRequest, type ScriptedServer, startScriptedServer } from '../modbus/scripted-server.ts';

/** A meter of the profile eastron-sdm630, whose values are all 1, and what it refuses. */
interface Meter {
  readonly server: ScriptedServer;
  readonly missing: Set<number>;
  mostRegisters: number;
  /** Refuses the next reads, whatever they are. */
  spasms: number;
  isSilent: boolean;
  /** Reads since the last call, as `address+count`. */
  asked(): readonly string[];
}

const ONE = [0x3f, 0x80, 0, 0];
const DAY_MS = 24 * 3600 * 1000;

const startMeter = async (): Promise<Meter> => {
  const missing = new Set<number>();
  const answer = (request: ScriptedRequest): void => {
    const { address, count, functionCode } = request;
    const refuse = (exception: number): void => request.reply([functionCode | 0x80, exception]);
    meter.spasms -= 1;
    if (meter.isSilent) return;
    if (meter.spasms >= 0 || [...missing].some((each) => each >= address && each < address + count)) refuse(2);
    else if (count > meter.mostRegisters) refuse(3);
    else request.reply([functionCode, count * 2, ...Array.from({ length: count / 2 }, () => ONE).flat()]);
  };
  const server = await startScriptedServer(answer);
  const meter: Meter = {
    server,
    missing,
    mostRegisters: 125,
    spasms: 0,
    isSilent: false,
    asked: () => server.requests.splice(0).map(({ address, count }) => `${address}+${count}`),
  };
  return meter;
};

let profiles: DeviceProfiles;
let meter: Meter;
let clock: SimulatedClock;
let shelf: DocumentShelf;
const buses: Bus[] = [];

beforeEach(async () => {
  profiles = await loadProfiles();
  meter = await startMeter();
  clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
  shelf = createMemoryShelf();
});
afterEach(async () => {
  for (const bus of buses.splice(0)) bus.close();
  await meter.server.close();
});

/** As after a start of the gateway. */
const boot = async (): Promise<{ device: FieldDevice; lessons: ReadLessons }> => {
  const lessons = new ReadLessons({ shelf, logger: silentLogger });
  await lessons.start();
  const line = { kind: 'tcp', host: '127.0.0.1', port: meter.server.port } as const;
  const bus = createFieldLines({ clock, logger: silentLogger }).open({ id: 'bus-test', line, timeoutMs: 1000 });
  buses.push(bus);
  const entry = fieldDevice.parse({
    device: 'meter-test',
    profile: 'eastron-sdm630',
    unitId: 1,
    privacy: 'operational',
    readOnly: false,
  });
  const profile = profiles.get(entry.profile);
  if (profile === undefined) throw new Error('no profile');
  const device = createFieldDevice(entry, { bus, profile, readOnly: false, lessons, clock });
  return { device, lessons };
};

const missingOf = ({ values }: DeviceReading): readonly string[] =>
  [...values].filter(([, value]) => value === null).map(([quantity]) => quantity);
/** Until the refusals of a value are believed. */
const readThrice = async (device: FieldDevice): Promise<void> => {
  for (let times = 1; times <= 3; times += 1) await read(device);
};
const read = (device: FieldDevice): Promise<DeviceReading> => readDevice(device, 'polling');

describe('a meter that refuses a request', () => {
  test('for one register is asked for the others in the same round, then without it', async () => {
    meter.missing.add(72);
    const { device } = await boot();
    const first = await read(device);
    expect(missingOf(first)).toEqual(['energyImportedWh']);
    expect(first.failures.map(({ code }) => code)).toEqual(['MODBUS_EXCEPTION']);
    await read(device);
    await read(device);
    meter.asked();
    const learnt = await read(device);
    expect(missingOf(learnt)).toEqual(['energyImportedWh']);
    expect(learnt.failures).toEqual([]);
    expect(meter.asked()).toEqual(['0+18', '52+20', '74+2']);
  });

  test('for one register is asked again for it after a day and after a start, and has it back', async () => {
    meter.missing.add(72);
    const { device, lessons } = await boot();
    await readThrice(device);
    await lessons.saved();
    meter.asked();
    await read(device);
    expect(meter.asked()).not.toContain('72+2');
    await clock.advance(DAY_MS);
    await read(device);
    expect(meter.asked()).toContain('72+2');
    const again = (await boot()).device;
    expect(missingOf(await read(again))).toEqual(['energyImportedWh']);
    expect(meter.asked()).toEqual(['0+18', '52+20', '74+2', '72+2']);
    meter.missing.clear();
    expect(missingOf(await read((await boot()).device))).toEqual([]);
    await clock.advance(DAY_MS);
    meter.asked();
    expect(missingOf(await read(again))).toEqual([]);
  });

  test('that is too long is asked in parts from then on, also after a start, until it is doubted', async () => {
    meter.mostRegisters = 16;
    const { device, lessons } = await boot();
    const first = await read(device);
    expect(missingOf(first)).toEqual([]);
    expect(first.failures).toEqual([]);
    for (let levels = 1; levels <= 3; levels += 1) await readThrice(device);
    meter.asked();
    await read(device);
    const parts = meter.asked();
    expect(parts.every((part) => Number(part.split('+')[1]) <= 16)).toBe(true);
    await lessons.saved();
    const restarted = (await boot()).device;
    await read(restarted);
    expect(meter.asked()).toEqual(parts);
    meter.mostRegisters = 125;
    await clock.advance(DAY_MS);
    await read(restarted);
    expect(meter.asked()).toEqual(['0+18', '52+24']);
  });

  test('once, by noise, loses nothing', async () => {
    const { device } = await boot();
    for (const spasms of [1, 2, 3, 4, 5, 6]) {
      meter.spasms = spasms;
      await read(device);
      meter.spasms = 0;
      meter.asked();
      expect(missingOf(await read(device))).toEqual([]);
      expect(meter.asked()).toEqual(['0+18', '52+24']);
    }
  });

  test('whatever it is, is not believed', async () => {
    meter.spasms = Number.POSITIVE_INFINITY;
    const { device } = await boot();
    const refused = await read(device);
    expect(refused.at).toBeNull();
    expect(refused.failures[0]?.code).toBe('MODBUS_EXCEPTION');
    meter.spasms = 0;
    meter.asked();
    expect(missingOf(await read(device))).toEqual([]);
    expect(meter.asked()).toEqual(['0+18', '52+24']);
  });

  test('by its silence teaches nothing', async () => {
    const { device } = await boot();
    meter.isSilent = true;
    const silent = read(device);
    await meter.server.received(1);
    await clock.advance(1000);
    expect((await silent).failures[0]?.code).toBe('DEVICE_SILENT');
    meter.isSilent = false;
    meter.asked();
    expect(missingOf(await read(device))).toEqual([]);
    expect(meter.asked()).toEqual(['0+18', '52+24']);
  });

  test('under another profile starts from nothing, and a damaged document is forgotten', async () => {
    await shelf.put(
      'read-lessons',
      JSON.stringify({ 'meter-test': { profile: 'another', cuts: [{ table: 'input', address: 4 }], refused: [] } }),
    );
    await read((await boot()).device);
    expect(meter.asked()).toEqual(['0+18', '52+24']);
    await shelf.put('read-lessons', '{"meter-test"');
    await read((await boot()).device);
    expect(meter.asked()).toEqual(['0+18', '52+24']);
  });
});
