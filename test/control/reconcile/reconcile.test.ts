import { afterEach, describe, expect, it } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { documentHash, documentSchemas } from '#contract/messages/documents.ts';
import { beginOverride, readStreet } from '#contract/routes/lighting.ts';
import { formatInstant, instant, parseInstant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { startMosquitto } from '#test/services/start-mosquitto.ts';
import { until } from '#test/services/until.ts';
import { GATEWAY, listenAsGateway, onlineStatus, openControlHouse, STREET } from '../control-house.ts';

const params = { site: STREET };
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const openStreet = async () => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T11:00:00Z') });
  const broker = createInMemoryBroker(silentLogger);
  const gateway = await listenAsGateway(broker.createBus({ clientId: 'gateway' }), GATEWAY);
  closing.push(gateway.close);
  const house = await openControlHouse(clock, () => broker.createBus({ clientId: 'control' }));
  closing.push(house.close);
  await until('the documents have come', () => gateway.count('consents') > 0);
  return { clock, broker, gateway, house };
};

const overrideBody = (endsAt: number) => ({
  target: { kind: 'all' } as const,
  levelPercent: 70,
  endsAt: formatInstant(instant(endsAt)),
  reason: 'works',
});

describe('desired state', () => {
  it('is four documents that follow the contract, sealed; no envelope before there is a plan', async () => {
    const { gateway } = await openStreet();
    for (const name of ['programs', 'overrides', 'consents', 'devices'] as const) {
      const document = gateway.latest(name);
      expect(documentSchemas[name].safeParse(document).error).toBeUndefined();
      expect(document['hash']).toBe(documentHash(document));
      expect(document.revision).toBe(1);
    }
    expect(gateway.count('envelope')).toBe(0);
    const programs = documentSchemas.programs.parse(gateway.latest('programs'));
    expect(programs.lightPoints).toHaveLength(24);
    expect(programs.groups.map(({ id, members }) => [id, members.length])).toEqual([
      ['group-republique-nord', 12],
      ['group-republique-sud', 12],
    ]);
    expect(programs.assignments).toEqual([{ target: { kind: 'all' }, program: 'program-rue' }]);
    expect(programs.position).toEqual({ latitude: 49.564, longitude: 3.62 });
  });

  it('keeps its revision as long as its content is the same, also over a restart, and only the changed document grows', async () => {
    const { clock, gateway, house } = await openStreet();
    await house.restart();
    await until('they are published again', () => gateway.count('consents') > 1);
    expect(gateway.latest('programs').revision).toBe(1);
    await house.ask(beginOverride, { params, body: overrideBody(clock.civilNow() + 60_000) });
    await until('the override is published', () => gateway.latest('overrides').revision === 2);
    expect(gateway.latest('programs').revision).toBe(1);
    expect(gateway.latest('consents').revision).toBe(1);
  });

  it('is sent again to a gateway that says it has an older revision, without hurry', async () => {
    const { clock, gateway } = await openStreet();
    const former = gateway.count('programs');
    await gateway.say(onlineStatus(clock, { programs: null, overrides: 1, consents: 1 }));
    await clock.advance(4_000);
    expect(gateway.count('programs')).toBe(former);
    await clock.advance(2_000);
    await gateway.say(onlineStatus(clock, { programs: null, overrides: 1, consents: 1 }));
    await until('programs is sent again', () => gateway.count('programs') === former + 1);
    expect(gateway.count('overrides')).toBe(former);
  });

  it('goes above the revision of a gateway that obeyed another registry', async () => {
    const { clock, gateway } = await openStreet();
    await gateway.say(onlineStatus(clock, { programs: 41, overrides: 1, consents: 1 }));
    await until('programs overtakes', () => gateway.latest('programs').revision === 42);
    const document = gateway.latest('programs');
    expect(document['hash']).toBe(documentHash(document));
  });

  it('is shown as applied, waiting or refused from what the gateway says', async () => {
    const { clock, gateway, house } = await openStreet();
    const shown = async () => (await house.ask(readStreet, { params })).gateway;
    expect(await shown()).toMatchObject({ state: 'unknown', programsApplied: 'unknown', outboxDepth: null });
    await gateway.say(onlineStatus(clock, { programs: 1, overrides: null, consents: 1 }));
    await until('it is online', async () => (await shown()).state === 'online');
    expect(await shown()).toMatchObject({ programsApplied: 'yes', overridesApplied: 'waiting', outboxDepth: 3 });
    const sent = gateway.count('overrides');
    await clock.advance(10_000);
    await gateway.say({
      ...onlineStatus(clock, { programs: 1, overrides: null, consents: 1 }),
      refused: [{ document: 'overrides', revision: 1, code: 'DOCUMENT_INVALID', why: 'no' }],
    });
    await until('it is refused', async () => (await shown()).overridesApplied === 'refused');
    expect(gateway.count('overrides')).toBe(sent);
    await gateway.say({ state: 'offline', boot: 1, version: '0.1.0' });
    await until('it is offline', async () => (await shown()).state === 'offline');
    await house.restart();
    expect((await shown()).state).toBe('offline');
  });

  it('of a building carries the consents that hold, and no light', async () => {
    const { broker } = await openStreet();
    const gateway = await listenAsGateway(broker.createBus({ clientId: 'tilleuls' }), gatewayId('gateway-tilleuls'));
    closing.push(gateway.close);
    await until('its documents have come', () => gateway.count('consents') > 0 && gateway.count('programs') > 0);
    expect(gateway.latest('programs')['lightPoints']).toEqual([]);
    expect(gateway.latest('consents')).toMatchObject({
      timeZone: 'Europe/Paris',
      points: [{ point: 'point-tilleuls-d07', displayGrain: '30min', control: false, inactivityWatch: false }],
    });
  });

  it('is not troubled by a message that is not of the contract', async () => {
    const { clock, broker, gateway, house } = await openStreet();
    const stranger = broker.createBus({ clientId: 'stranger' });
    await stranger.connect();
    closing.push(() => stranger.disconnect());
    for (const payload of ['', '{', '{"state":"online"}', '{"state":"asleep"}'])
      await stranger.publish(`axone/v1/${GATEWAY}/status`, payload, { qos: 1 });
    await stranger.publish('axone/v1/gateway-nowhere/status', JSON.stringify(onlineStatus(clock, {})), { qos: 1 });
    await gateway.say(onlineStatus(clock, { programs: 1, overrides: 1, consents: 1 }));
    await until('the true one is heard', async () => (await house.ask(readStreet, { params })).gateway.state === 'online');
    expect(await house.registry.control().lighting.gatewayState(gatewayId('gateway-nowhere'))).toBeNull();
  });

  it('comes back, retained, after a real broker restarted without memory, with what was ordered meanwhile', async () => {
    const mosquitto = await startMosquitto();
    closing.push(mosquitto.stop);
    const clock = createSystemClock();
    const newBus = (clientId: string) => createMqttBus({ url: mosquitto.url, clientId, clock, logger: silentLogger });
    const house = await openControlHouse(clock, () => newBus('control'));
    closing.push(house.close);
    await mosquitto.kill();
    await until('control sees that the broker is gone', () => house.control().health().state === 'degraded');
    await house.ask(beginOverride, { params, body: overrideBody(clock.civilNow() + 3_600_000) });
    await mosquitto.restart();
    await until('control is back', () => house.control().health().state === 'ready', 20_000);
    const gateway = await listenAsGateway(newBus('gateway'), GATEWAY);
    closing.push(gateway.close);
    await until('the retained documents come', () => gateway.count('programs') > 0 && gateway.count('overrides') > 0);
    expect(gateway.latest('overrides')['overrides']).toMatchObject([{ target: { kind: 'all' }, levelPercent: 70 }]);
  }, 40_000);
});
