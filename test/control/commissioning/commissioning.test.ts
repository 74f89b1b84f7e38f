import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { documentSchemas } from '#contract/messages/documents.ts';
import type { Field } from '#contract/messages/field.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import {
  bindLightPoint,
  bindMeter,
  blinkDevice,
  type CommissioningAnswer,
  declareDevices,
  readCommissioning,
  releaseLightPoint,
  releaseMeter,
  withdrawDevice,
} from '#contract/routes/commissioning.ts';
import { readStreet } from '#contract/routes/lighting.ts';
import { readJournal } from '#contract/routes/platform.ts';
import type { Route } from '#contract/routes/route.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant, instant, parseInstant } from '#domain/civil-time.ts';
import { gatewayId, lightPointId, pointId, siteId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import { type ControlHouse, GATEWAY, listenAsGateway, onlineStatus, openControlHouse, STREET } from '../control-house.ts';

const NOW = parseInstant('2026-11-24T11:00:00Z');
const BUS = 'bus-extension';
const LAMP = 'extension-6-0';
const OTHER_LAMP = 'extension-6-1';
const FORMER = 'meter-festive';
const NEXT = 'meter-festive-next';
const REP_25 = lightPointId('light-point-republique-25');
const FESTIVE = pointId('point-republique-festive');

const profile = (name: string, channels: number | null, writes: readonly string[]): Field['profiles'][number] => ({
  profile: name,
  vendor: 'Maker',
  models: ['Model'],
  kind: 'any',
  ...(channels === null ? {} : { channels }),
  writes: [...writes],
  hash: '0'.repeat(64),
  origin: 'gateway',
});
const said = (devices: Field['buses'][number]['devices'] = []): Field => ({
  at: formatInstant(NOW),
  buses: [
    { bus: 'bus-republique', kind: 'tcp', devicesFrom: 'file', devices: [] },
    { bus: BUS, kind: 'tcp', devicesFrom: 'centre', devices },
  ],
  profiles: [profile('intesis-in703-d4i', 64, ['commandedLevelPercent']), profile('eastron-sdm120', null, [])],
});
const LAMP_IN_FORCE = { device: LAMP, profile: 'intesis-in703-d4i', unitId: 6, channel: 0 } as never;

let clock: SimulatedClock;
let gateway: Awaited<ReturnType<typeof listenAsGateway>>;
let gatewayBus: MessageBus;
let house: ControlHouse;

const at = (device: string) => ({ site: STREET, gateway: GATEWAY, device });
const ask = <R extends Route>(route: R, device: string, body?: unknown) => house.ask(route, { params: at(device), body });
const read = () => house.ask(readCommissioning, { params: { site: STREET } }) as Promise<CommissioningAnswer>;
const device = async (name: string) =>
  (await read()).gateways[0]?.buses?.find(({ bus }) => bus === BUS)?.devices.find((one) => one.device === name);
const sayField = async (field: Field) => {
  await gatewayBus.publish(topics.field(GATEWAY), JSON.stringify(field), { qos: 1, retain: true });
  await until('control knows the field', async () => (await read()).gateways[0]?.buses !== null);
};
const latest = () => documentSchemas.devices.parse(gateway.latest('devices'));
const entry = (name: string) => latest().buses[0]?.devices.find((one) => one.device === name);

beforeEach(async () => {
  clock = createSimulatedClock({ civil: NOW });
  const broker = createInMemoryBroker(silentLogger);
  gatewayBus = broker.createBus({ clientId: 'gateway' });
  gateway = await listenAsGateway(gatewayBus, GATEWAY);
  house = await openControlHouse(clock, () => broker.createBus({ clientId: 'control' }));
  await until('the document has come', () => gateway.count('devices') > 0);
});
afterEach(async () => {
  await house.close();
  await gateway.close();
});

describe('the devices of a bus of the centre', () => {
  it('are published whole, unbound ones without a point', () => {
    expect(latest().buses).toMatchObject([{ bus: BUS, devices: [{ device: LAMP }, { device: OTHER_LAMP }, {}, {}] }]);
    expect(entry(LAMP)).toEqual({
      device: LAMP,
      profile: 'intesis-in703-d4i',
      unitId: 6,
      channel: 0,
      privacy: 'operational',
      readOnly: false,
    });
  });

  it('are not published to a gateway whose own file says all its devices', async () => {
    const tilleuls = gatewayId('gateway-tilleuls');
    expect(await house.registry.control().lighting.document(tilleuls, 'devices')).toBeNull();
  });

  it('are listed with what the gateway says of them: not in force yet, then offline with its reason', async () => {
    await sayField(said());
    expect(await device(LAMP)).toMatchObject({ state: 'waiting', model: 'Maker Model', canBlink: true, bound: null });
    await sayField(said([LAMP_IN_FORCE]));
    await until('it is in force', async () => (await device(LAMP))?.state === 'unknown');
    const availability = { state: 'offline', since: formatInstant(NOW), why: 'DEVICE_SILENT: no answer in 3 tries' };
    await gatewayBus.publish(topics.availability(GATEWAY, LAMP as never), JSON.stringify(availability), { qos: 1 });
    await until('it is offline', async () => (await device(LAMP))?.state === 'offline');
    expect(await device(LAMP)).toMatchObject({ why: availability.why });
  });

  it('are followed to applied, or to refused with the reason', async () => {
    await sayField(said());
    await gateway.say(onlineStatus(clock, { devices: latest().revision }));
    await until('applied', async () => (await read()).gateways[0]?.applied === 'yes');
    const refusal = {
      document: 'devices',
      revision: latest().revision,
      code: 'DOCUMENT_INVALID',
      why: 'no bus of that name',
    } as const;
    await gateway.say({ ...onlineStatus(clock, {}), refused: [refusal] });
    await until('refused', async () => (await read()).gateways[0]?.applied === 'refused');
    expect((await read()).gateways[0]?.why).toBe('no bus of that name');
  });
});

describe('declaring what a scan found', () => {
  const declare = (bus: string, devices: readonly object[]) =>
    house.ask(declareDevices, { params: { site: STREET, gateway: GATEWAY }, body: { bus, devices } });

  it('gives it a name made of its address, and publishes it', async () => {
    await sayField(said());
    const { devices } = await declare(BUS, [
      { profile: 'intesis-in703-d4i', unitId: 6, channel: 2 },
      { profile: 'eastron-sdm120', unitId: 9, channel: null },
    ]);
    expect(devices.map((one) => one.device)).toEqual(['bus-extension-6-2', 'bus-extension-9']);
    expect(entry('bus-extension-9')).toMatchObject({ unitId: 9, profile: 'eastron-sdm120' });
  });

  it.each([
    ['before the gateway has said its buses', null, BUS, {}, 'FIELD_NOT_SAID'],
    ['on a bus that the file owns', said(), 'bus-republique', {}, 'BUS_NOT_OF_CENTRE'],
    ['on a bus that is not', said(), 'bus-elsewhere', {}, 'OBJECT_NOT_HERE'],
    ['with a profile that the gateway has not', said(), BUS, { profile: 'unheard-of' }, 'PROFILE_NOT_KNOWN'],
    ['without the channel that its profile wants', said(), BUS, { profile: 'intesis-in703-d4i' }, 'CHANNEL_INVALID'],
    ['with a channel where there is none', said(), BUS, { channel: 0 }, 'CHANNEL_INVALID'],
    ['at an address that is taken', said(), BUS, { unitId: 7 }, 'ADDRESS_TAKEN'],
    ['under a name that is taken', said(), BUS, { device: LAMP }, 'DEVICE_NAME_TAKEN'],
  ])('is refused %s', async (_how, field, bus, wrong, code) => {
    if (field !== null) await sayField(field);
    const before = gateway.count('devices');
    const found = { profile: 'eastron-sdm120', unitId: 40, channel: null, ...wrong };
    await expect(declare(bus, [{ profile: 'eastron-sdm120', unitId: 41, channel: null }, found])).rejects.toMatchObject({ code });
    // all of it, or nothing
    expect(gateway.count('devices')).toBe(before);
  });

  it('is taken back while it is bound to nothing', async () => {
    await ask(withdrawDevice, OTHER_LAMP);
    expect(entry(OTHER_LAMP)).toBeUndefined();
    await ask(bindLightPoint, LAMP, { lightPoint: REP_25 });
    await expect(ask(withdrawDevice, LAMP)).rejects.toMatchObject({ code: 'DEVICE_BOUND' });
  });
});

describe('a lamp', () => {
  it('is asked to blink, and what became of it is told', async () => {
    await sayField(said([LAMP_IN_FORCE]));
    expect(await ask(blinkDevice, LAMP)).toMatchObject({ blink: { phase: 'sent' } });
    const [{ topic, text } = { topic: '', text: '' }] = gateway.telecommands;
    expect(topic).toBe(topics.deviceTelecommand(GATEWAY, LAMP as never));
    const order = JSON.parse(text) as { id: string; expiresAt: string };
    expect(order).toMatchObject({ set: { identify: true }, by: 'account-technician', expiresAt: '2026-11-24T11:01:00Z' });
    await gateway.report({ id: order.id, device: LAMP as never, phase: 'applied', at: formatInstant(NOW) });
    await until('it blinked', async () => (await device(LAMP))?.blink?.phase === 'applied');
    await clock.advance(3_700_000);
    expect((await device(LAMP))?.blink).toBeNull();
  });

  it('that is a meter does not blink', async () => {
    await sayField(said());
    await expect(ask(blinkDevice, FORMER)).rejects.toMatchObject({ code: 'DEVICE_CANNOT_BLINK' });
  });

  it('that was bound to its column is on the street, in the programs, and its readings have their point', async () => {
    expect(await ask(bindLightPoint, LAMP, { lightPoint: REP_25 })).toMatchObject({
      bound: { kind: 'light-point', label: 'REP-25', since: formatInstant(NOW) },
    });
    expect(entry(LAMP)).toMatchObject({ point: 'point-republique-l25' });
    const { lightPoints } = await house.ask(readStreet, { params: { site: STREET } });
    expect(lightPoints.map(({ label }) => label)).toEqual(expect.arrayContaining(['REP-24', 'REP-25']));
    expect(documentSchemas.programs.parse(gateway.latest('programs')).lightPoints.map((one) => one.device)).toContain(LAMP);
    expect(await house.registry.ingest().ingest.bindingsOfPoint(pointId('point-republique-l25'))).toMatchObject([
      { gateway: GATEWAY, from: NOW, to: null },
    ]);
    const { entries } = await house.ask(readJournal, { params: { site: STREET } });
    expect(entries[0]).toMatchObject({ action: 'light-point-bound', object: `${GATEWAY} ${LAMP}`, detail: REP_25 });
  });

  it('bound to the wrong column is released, and its column is free again; what was read meanwhile keeps its dates', async () => {
    await ask(bindLightPoint, LAMP, { lightPoint: REP_25 });
    await clock.advance(60_000);
    expect(await ask(releaseLightPoint, LAMP)).toMatchObject({ bound: null });
    expect(entry(LAMP)).not.toHaveProperty('point');
    expect((await read()).lightPoints.find(({ id }) => id === REP_25)).toMatchObject({ device: null });
    expect(await house.registry.ingest().ingest.bindingsOfPoint(pointId('point-republique-l25'))).toMatchObject([
      { from: NOW, to: instant(NOW + 60_000) },
    ]);
    await ask(bindLightPoint, OTHER_LAMP, { lightPoint: REP_25 });
    expect(entry(OTHER_LAMP)).toMatchObject({ point: 'point-republique-l25' });
  });

  it.each([
    ['twice', LAMP, 'light-point-republique-26', 'DEVICE_BOUND'],
    ['to a column that has one', OTHER_LAMP, REP_25, 'LIGHT_POINT_BOUND'],
    ['to a column that is not', OTHER_LAMP, 'light-point-ailleurs', 'OBJECT_NOT_HERE'],
    ['when nobody declared it', 'luminaire-01', 'light-point-republique-26', 'DEVICE_NOT_DECLARED'],
  ])('is not bound %s', async (_how, name, lightPoint, code) => {
    await ask(bindLightPoint, LAMP, { lightPoint: REP_25 });
    await expect(ask(bindLightPoint, name, { lightPoint })).rejects.toMatchObject({ code });
  });

  it('of another site is not found', async () => {
    const elsewhere = { site: siteId('site-tilleuls'), gateway: GATEWAY, device: LAMP };
    await expect(house.ask(bindLightPoint, { params: elsewhere, body: { lightPoint: REP_25 } })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('stays where it was bound over a restart, and when the assets file is imported again', async () => {
    await ask(bindLightPoint, LAMP, { lightPoint: REP_25 });
    await house.restart(async () => {
      const { assets } = house.registry.control();
      const standing = await assets.siteAssets(STREET);
      if (standing === null) throw new Error('no street');
      await assets.replaceAssets(standing, 'a file of another hash');
    });
    const { lightPoints } = await house.ask(readStreet, { params: { site: STREET } });
    expect(lightPoints.map(({ label }) => label)).toContain('REP-25');
  });
});

describe('a meter', () => {
  const HOUR_MS = 3_600_000;
  const reading = (atMs: number, energyImportedWh: number) => ({
    point: FESTIVE,
    privacy: 'operational' as const,
    at: instant(atMs),
    values: [{ quantity: 'energyImportedWh' as const, value: energyImportedWh, quality: 'measured' as const }],
  });
  const bind = (name: string, from: number) => ask(bindMeter, name, { point: FESTIVE, from: formatInstant(instant(from)) });
  const periods = async () => (await read()).points.find(({ id }) => id === FESTIVE)?.meters;

  it('is bound to its point from a date on, and replaced at an instant: the series goes on, with the indexes of both', async () => {
    await sayField(said());
    await bind(FORMER, NOW - 2 * HOUR_MS);
    expect(entry(FORMER)).toMatchObject({ point: FESTIVE });
    await house.store.write([reading(NOW - 2 * HOUR_MS, 4_812_300), reading(NOW - 1000, 4_812_500)], { redelivered: false });
    await bind(NEXT, NOW);
    expect(entry(NEXT)).toMatchObject({ point: FESTIVE });
    expect(entry(FORMER)).not.toHaveProperty('point');
    await house.store.write([reading(NOW + 1000, 20)], { redelivered: false });
    await clock.advance(5_000);
    expect(await periods()).toMatchObject([
      { meter: NEXT, model: 'Maker Model', from: formatInstant(NOW), to: null, first: { value: 20 }, last: { value: 20 } },
      { meter: FORMER, to: formatInstant(NOW), first: { value: 4_812_300 }, last: { value: 4_812_500 } },
    ]);
    expect(await house.registry.ingest().ingest.bindingsOfPoint(FESTIVE)).toMatchObject([
      { from: NOW - 2 * HOUR_MS, to: NOW },
      { from: NOW, to: null },
    ]);
  });

  it('bound by mistake gives way to the one before, which goes on as if nothing had happened', async () => {
    await bind(FORMER, NOW - HOUR_MS);
    await bind(NEXT, NOW);
    await ask(releaseMeter, NEXT);
    expect(await periods()).toMatchObject([{ meter: FORMER, to: null }]);
    expect(entry(FORMER)).toMatchObject({ point: FESTIVE });
    await ask(releaseMeter, FORMER);
    expect(await periods()).toEqual([]);
  });

  it('does not begin later than now, nor before the one that it replaces', async () => {
    await bind(FORMER, NOW - HOUR_MS);
    for (const from of [NOW + 60_000, NOW - HOUR_MS, NOW - 2 * HOUR_MS])
      await expect(bind(NEXT, from)).rejects.toMatchObject({ code: 'BINDING_DATE_INVALID' });
  });

  it('did not go while it was still read', async () => {
    await bind(FORMER, NOW - 2 * HOUR_MS);
    await house.store.write([reading(NOW - HOUR_MS, 4_812_500)], { redelivered: false });
    await expect(bind(NEXT, NOW - HOUR_MS - 1000)).rejects.toMatchObject({
      code: 'BINDING_DATE_INVALID',
      fields: { earliest: formatInstant(instant(NOW - HOUR_MS)) },
    });
    expect(await bind(NEXT, NOW - HOUR_MS + 1000)).toMatchObject({ bound: { point: FESTIVE } });
  });

  it('does not measure a lamp’s point', async () => {
    const body = { point: pointId('point-republique-l01'), from: formatInstant(NOW) };
    await expect(ask(bindMeter, FORMER, body)).rejects.toMatchObject({ code: 'POINT_USE_OTHER' });
  });

  it('shows no index of a dwelling', async () => {
    const params = { site: siteId('site-tilleuls') };
    const { points } = await house.ask(readCommissioning, { params });
    const flat = points.find(({ use }) => use === 'dwelling');
    expect(flat?.meters[0]).toMatchObject({ first: { value: null }, last: { value: null } });
  });
});
