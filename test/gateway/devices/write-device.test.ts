import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createMemoryShelf } from '#adapters/document-shelf/in-memory.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { createFieldDevice, type FieldDevice } from '#gateway/devices/field-device.ts';
import { ReadLessons } from '#gateway/devices/read-lessons.ts';
import { isItsTurn, writeDevice, writeGroup } from '#gateway/devices/write-device.ts';
import { createFieldLines, gatewayConfiguration, loadProfiles } from '#gateway/index.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { type ScriptedServer, startScriptedServer } from '../modbus/scripted-server.ts';

let clock: SimulatedClock;
let server: ScriptedServer;
let bus: Bus;
beforeEach(async () => {
  clock = createSimulatedClock({ civil: parseInstant('2026-11-24T18:00:00Z') });
  server = await startScriptedServer((request) => request.reply([...request.pdu.subarray(0, 5)]));
  const line = { kind: 'tcp', host: '127.0.0.1', port: server.port } as const;
  bus = createFieldLines({ clock, logger: silentLogger }).open({ id: 'bus-test', line, timeoutMs: 1000 });
});
afterEach(async () => {
  bus.close();
  await server.close();
});

const deviceOf = async (entry: object): Promise<FieldDevice> => {
  const [full] = gatewayConfiguration.parse({
    id: 'gateway-test',
    zone: 'Europe/Paris',
    buses: [{ id: 'bus-test', host: '127.0.0.1', port: 502, devices: [{ unitId: 3, ...entry }] }],
  }).buses;
  const [device] = full?.devices ?? [];
  const profile = (await loadProfiles()).get(device?.profile ?? '');
  if (device === undefined || profile === undefined) throw new Error('no such device');
  const lessons = new ReadLessons({ shelf: createMemoryShelf(), logger: silentLogger });
  return createFieldDevice(device, { bus, profile, readOnly: false, lessons, clock });
};
const lamp = (channel: number, parts: object = {}) =>
  deviceOf({ device: `lamp-${channel}`, profile: 'intesis-in703-d4i', channel, ...parts });
const cabinet = () => deviceOf({ device: 'cabinet', profile: 'axone-demo-cabinet' });
/** Frames that reached the field. */
const frames = () => server.requests.map(({ address, count }) => `${address}=${count}`);

describe('a raw write', () => {
  test.each([
    ['outside the allow-list', 'WRITE_NOT_ALLOWED', () => deviceOf({ device: 'meter', profile: 'eastron-sdm120' }), 50],
    ['to a device that is only read', 'WRITE_NOT_ALLOWED', () => lamp(0, { readOnly: true }), 50],
    ['above its range', 'WRITE_OUT_OF_RANGE', () => lamp(0), 100.5],
    ['below its range', 'WRITE_OUT_OF_RANGE', () => lamp(0), -1],
  ] as const)('%s leaves no frame on the bus', async (_what, code, device, percent) => {
    await expect(writeDevice(await device(), 'commandedLevelPercent', percent)).rejects.toMatchObject({ code });
    expect(frames()).toEqual([]);
  });

  test('to a board of sixteen relays is one frame, with a bit for each', async () => {
    const board = await deviceOf({ device: 'relays', profile: 'waveshare-modbus-rtu-relay-16ch' });
    await writeDevice(board, 'contactorClosed', 1);
    expect(server.requests.map(({ pdu }) => pdu.toString('hex'))).toEqual(['0f00000010' + '02' + 'ffff']);
  });

  test('that is allowed is one frame', async () => {
    await writeDevice(await lamp(0), 'commandedLevelPercent', 50);
    expect(frames()).toEqual(['15=50']);
  });
});

describe('the rate of a profile', () => {
  test('keeps a second write off the bus, says from when it is allowed, and lets it through then', async () => {
    const device = await lamp(0);
    await writeDevice(device, 'commandedLevelPercent', 50);
    await clock.advance(300);
    const tooSoon = {
      code: 'WRITE_TOO_OFTEN',
      fields: { againAt: '2026-11-24T18:00:00.5Z', rule: 'it is written each 0.5 s at most' },
    };
    await expect(writeDevice(device, 'commandedLevelPercent', 60)).rejects.toMatchObject(tooSoon);
    await expect(writeDevice(device, 'commandedLevelPercent', 70)).rejects.toMatchObject(tooSoon);
    expect(isItsTurn(device, 'commandedLevelPercent', 70)).toBe(false);
    expect(frames()).toEqual(['15=50']);
    await clock.advance(200);
    expect(isItsTurn(device, 'commandedLevelPercent', 70)).toBe(true);
    await writeDevice(device, 'commandedLevelPercent', 70);
    expect(frames()).toEqual(['15=50', '15=70']);
  });

  test('holds up neither half an hour of a past that is lived at once, nor anything when the clock is put back', async () => {
    const device = await lamp(0);
    await writeDevice(device, 'commandedLevelPercent', 100);
    clock.stepCivil(parseInstant('2026-11-24T18:30:00Z'));
    await writeDevice(device, 'commandedLevelPercent', 0);
    clock.stepCivil(parseInstant('2026-11-24T17:30:00Z'));
    expect(isItsTurn(device, 'commandedLevelPercent', 50)).toBe(false);
    await clock.advance(500);
    await writeDevice(device, 'commandedLevelPercent', 50);
    expect(frames()).toEqual(['15=100', '15=0', '15=50']);
  });

  test('counts a write that was not answered, since it may have arrived', async () => {
    const device = await lamp(0);
    server.script = (request) => request.reply([request.functionCode | 0x80, 4]);
    await expect(writeDevice(device, 'commandedLevelPercent', 50)).rejects.toMatchObject({ code: 'MODBUS_EXCEPTION' });
    await expect(writeDevice(device, 'commandedLevelPercent', 50)).rejects.toMatchObject({ code: 'WRITE_TOO_OFTEN' });
    expect(frames()).toHaveLength(1);
  });

  test('of one member holds the frame of a group back, and a frame counts for each of its members', async () => {
    const [first, second] = [await lamp(0), await lamp(1)];
    await writeDevice(second, 'commandedLevelPercent', 20);
    await expect(writeGroup([first, second], 0, 'commandedLevelPercent', 50)).rejects.toMatchObject({ code: 'WRITE_TOO_OFTEN' });
    await clock.advance(500);
    await writeGroup([first, second], 0, 'commandedLevelPercent', 50);
    await expect(writeDevice(first, 'commandedLevelPercent', 30)).rejects.toMatchObject({ code: 'WRITE_TOO_OFTEN' });
    expect(frames()).toEqual(['115=20', '6400=50']);
  });

  test('leaves a contactor closed, then open, for its time, and what repeats its state does not prolong it', async () => {
    const device = await cabinet();
    await writeDevice(device, 'contactorClosed', 1);
    await clock.advance(5000);
    await writeDevice(device, 'contactorClosed', 1);
    await clock.advance(4000);
    await expect(writeDevice(device, 'contactorClosed', 0)).rejects.toMatchObject({
      fields: { againAt: '2026-11-24T18:00:10Z', rule: 'it stays on for 10 s at least' },
    });
    await clock.advance(1000);
    await writeDevice(device, 'contactorClosed', 0);
    await clock.advance(9999);
    await expect(writeDevice(device, 'contactorClosed', 1)).rejects.toMatchObject({
      fields: { rule: 'it stays off for 10 s at least' },
    });
    await clock.advance(1);
    await writeDevice(device, 'contactorClosed', 1);
    expect(frames()).toHaveLength(4 * 4);
  });

  test('never keeps an order away for more than ten minutes, whatever a page says', async () => {
    const written = [...(await loadProfiles()).values()].flatMap(({ writes }) => Object.values(writes ?? {}));
    expect(written.length).toBeGreaterThan(8);
    for (const { minSecondsBetweenWrites, minOnSeconds = 0, minOffSeconds = 0 } of written)
      expect(Math.max(minSecondsBetweenWrites, minOnSeconds, minOffSeconds)).toBeLessThanOrEqual(600);
  });
});
