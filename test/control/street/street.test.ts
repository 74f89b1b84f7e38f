import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { listSites, readStreet, streetAnswer } from '#contract/routes/lighting.ts';
import { readQuarantine } from '#contract/routes/platform.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant, type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { deviceId, pointId, siteId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import { type ControlHouse, GATEWAY, listenAsGateway, openControlHouse, STREET, TECHNICIAN } from '../control-house.ts';

/** 22:00 in Laon: the street is lit at 100 %, reduced at 23:00. */
const EVENING = parseInstant('2026-11-24T21:00:00Z');
const params = { site: STREET };

describe('the street', () => {
  let clock: SimulatedClock;
  let house: ControlHouse;
  let gateway: Awaited<ReturnType<typeof listenAsGateway>>;
  let broker: ReturnType<typeof createInMemoryBroker>;

  beforeEach(async () => {
    clock = createSimulatedClock({ civil: EVENING });
    broker = createInMemoryBroker(silentLogger);
    gateway = await listenAsGateway(broker.createBus({ clientId: 'gateway' }), GATEWAY);
    house = await openControlHouse(clock, () => broker.createBus({ clientId: 'control' }));
  });
  afterEach(async () => {
    await gateway.close();
    await house.close();
  });

  const store = (point: string, values: Partial<Record<QuantityName, number | null>>, at: Instant = EVENING) =>
    house.store.write(
      [
        {
          point: pointId(point),
          privacy: 'operational',
          at,
          values: Object.entries(values).map(([quantity, value]) => ({
            quantity: quantity as QuantityName,
            value,
            quality: value === null ? 'missing' : 'measured',
          })),
        },
      ],
      { redelivered: false },
    );
  const street = () => house.ask(readStreet, { params });
  const light = async (label: string) => {
    const found = (await street()).lightPoints.find((one) => one.label === label);
    if (found === undefined) throw new Error(label);
    return found;
  };

  it('before any reading says that nothing is known, never 0', async () => {
    const answer = await street();
    expect(streetAnswer.safeParse(answer).error).toBeUndefined();
    expect(answer).toMatchObject({
      name: 'Rue de la République, Laon',
      field: 'simulated',
      totalPowerW: { value: null, known: 0, of: 24 },
      presence: null,
      lastReadingAt: null,
      illuminanceLx: { value: null, at: null, quality: 'missing' },
      cabinet: { fictitious: true, doorOpen: null, breakersTripped: null, activePowerW: { value: null } },
      program: { id: 'program-rue', version: 1, by: 'assets-file' },
      sunsetAt: expect.stringMatching(/^2026-11-24T15:5/),
      sunriseAt: expect.stringMatching(/^2026-11-25T07:1/),
    });
    expect(answer.groups).toEqual([
      { id: 'group-republique-nord', label: 'Nord', lightPoints: 12 },
      { id: 'group-republique-sud', label: 'Sud', lightPoints: 12 },
    ]);
    expect(answer.lightPoints.map(({ label }) => label)).toHaveLength(24);
    expect(await light('REP-01')).toMatchObject({
      effectiveLevelPercent: { value: null },
      observed: 'unknown',
      expectedPowerW: null,
      availability: 'unknown',
      askedLevelPercent: 100,
      why: { rung: 'program', what: 'Rue, abaissement 23:00', version: 1, nextChangeAt: '2026-11-24T22:00:00Z' },
    });
  });

  it('asks, at every hour, what its program says', async () => {
    const askedAt = async (time: string) => {
      clock.stepCivil(parseInstant(time));
      return (await light('REP-01')).askedLevelPercent;
    };
    expect(await askedAt('2026-11-24T12:00:00Z')).toBe(0);
    expect(await askedAt('2026-11-24T22:30:00Z')).toBe(50);
    expect(await askedAt('2026-11-25T04:30:00Z')).toBe(100);
    expect(await askedAt('2026-11-25T12:00:00Z')).toBe(0);
  });

  it('proves a level by the lamp’s own power, and says when it differs or cannot be proved', async () => {
    await store('point-republique-l01', { effectiveLevelPercent: 100, activePowerW: 27.1, lampFailure: 0 });
    await store('point-republique-l02', { effectiveLevelPercent: 100, activePowerW: 14 });
    await store('point-republique-l03', { effectiveLevelPercent: 100, activePowerW: null });
    await store('point-republique-l04', { effectiveLevelPercent: 100 });
    await store('point-republique-l04', { activePowerW: 28 }, instant(EVENING - 600_000));
    await store('point-republique-l05', { activePowerW: 28 });
    expect(await light('REP-01')).toMatchObject({ observed: 'proved', expectedPowerW: 28, lampFailure: false });
    expect(await light('REP-02')).toMatchObject({ observed: 'differs', activePowerW: { value: 14, quality: 'measured' } });
    expect(await light('REP-03')).toMatchObject({ observed: 'not-provable', activePowerW: { value: null, quality: 'missing' } });
    expect(await light('REP-04')).toMatchObject({ observed: 'not-provable' });
    expect(await light('REP-05')).toMatchObject({ observed: 'unknown' });
    expect(await street()).toMatchObject({
      totalPowerW: { value: 97.1, known: 4, of: 24 },
      lastReadingAt: formatInstant(EVENING),
    });
  });

  it('shows its cabinet and its sensors', async () => {
    await store('point-republique-meter', { activePowerW: 870, energyImportedWh: 1_200_000 });
    await store('point-republique-controller', { doorOpen: 1, breakerTripped: 0 });
    await store('point-republique-light', { illuminanceLx: 3 });
    await store('point-republique-presence', { presence: 1 });
    expect(await street()).toMatchObject({
      cabinet: { activePowerW: { value: 870 }, energyImportedWh: { value: 1_200_000 }, doorOpen: true, breakersTripped: 0 },
      illuminanceLx: { value: 3, at: formatInstant(EVENING) },
      presence: true,
    });
  });

  it('shows which lamp does not answer, and tells its readers when that changes', async () => {
    const bus = broker.createBus({ clientId: 'field' });
    await bus.connect();
    const availability = { state: 'offline', since: formatInstant(EVENING), why: 'DEVICE_SILENT' };
    await bus.publish(topics.availability(GATEWAY, deviceId('luminaire-09')), JSON.stringify(availability), {
      qos: 1,
      retain: true,
    });
    await until('it is offline', async () => (await light('REP-09')).availability === 'offline');
    expect(house.told).toContainEqual({ changed: 'street', id: STREET });
    await bus.publish(topics.availability(GATEWAY, deviceId('luminaire-09')), '', { qos: 1, retain: true });
    await until('it was taken out', async () => (await light('REP-09')).availability === 'unknown');
    await bus.disconnect();
  });

  it('lists what happened at the field, newest first, by light point', async () => {
    const { ingest } = house.registry.ingest();
    await ingest.saveEvents(GATEWAY, [
      { event: 'gateway-started', at: '2026-11-24T20:00:00Z' },
      {
        event: 'level-restored',
        at: '2026-11-24T20:59:00Z',
        device: deviceId('luminaire-03'),
        detail: { fromPercent: 40, toPercent: 100 },
      },
    ]);
    expect((await street()).events).toEqual([
      {
        event: 'level-restored',
        at: '2026-11-24T20:59:00Z',
        lightPoint: 'light-point-republique-03',
        label: 'REP-03',
        detail: { fromPercent: 40, toPercent: 100 },
      },
      { event: 'gateway-started', at: '2026-11-24T20:00:00Z', lightPoint: null, label: null, detail: {} },
    ]);
  });

  it('is not a building, nor a site that does not exist', async () => {
    for (const site of ['site-tilleuls', 'site-elsewhere'])
      await expect(house.ask(readStreet, { params: { site } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is listed to who may see it, and to nobody else', async () => {
    const sites = async (hats: typeof TECHNICIAN.hats) =>
      (await house.ask(listSites, { principal: { ...TECHNICIAN, hats } })).sites.map(({ id }) => id);
    expect(await sites(TECHNICIAN.hats)).toEqual([STREET]);
    expect(await sites([{ role: 'landlord', organisation: 'OPAL', sites: [siteId('site-tilleuls')] }])).toEqual([
      'site-tilleuls',
    ]);
    expect(await sites([{ role: 'landlord', organisation: 'OPAL', sites: [STREET] }])).toEqual([]);
    expect(await sites([{ role: 'admin', organisation: 'USEDA' }])).toEqual([]);
  });

  it('keeps refused messages where an administrator reads them', async () => {
    const message = {
      receivedAt: EVENING,
      topic: 'axone/v1/x/telemetry',
      code: 'MESSAGE_MALFORMED',
      why: 'no',
      excerpt: '{',
    } as const;
    await house.registry.ingest().ingest.quarantine(message);
    expect((await house.ask(readQuarantine, {})).messages).toEqual([{ ...message, receivedAt: formatInstant(EVENING) }]);
  });
});
