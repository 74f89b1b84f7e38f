import { expect, it } from 'vitest';
import { createBusChanges } from '#adapters/changes/from-bus.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { topics } from '#contract/topics.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { deviceId, dwellingId, gatewayId, siteId } from '#domain/identifiers.ts';

const STREET = gatewayId('gateway-republique');
const BUILDING = gatewayId('gateway-tilleuls');

const start = async () => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
  const broker = createInMemoryBroker(silentLogger);
  const bus = broker.createBus({ clientId: 'control' });
  const field = broker.createBus({ clientId: 'field' });
  await Promise.all([bus.connect(), field.connect()]);
  const changes = createInProcessChangeFeed();
  const told: string[] = [];
  changes.listen(({ changed, id }) => told.push(`${changed} ${id}`));
  const following = createBusChanges({
    bus,
    changes,
    clock,
    placeOf: (gateway) => {
      if (gateway === STREET) return { site: siteId('site-republique'), kind: 'lighting', dwellings: [] };
      if (gateway === BUILDING)
        return { site: siteId('site-tilleuls'), kind: 'building', dwellings: [dwellingId('dwelling-tilleuls-07')] };
      return null;
    },
  });
  await following.start();
  const publish = (topic: string): Promise<void> => field.publish(topic, '{}', { qos: 1 });
  return { clock, told, publish, following };
};

it('a burst of messages of a street is one change of that street', async () => {
  const { clock, told, publish } = await start();
  await publish(topics.ack(STREET));
  await publish(topics.reports(STREET));
  await publish(topics.availability(STREET, deviceId('luminaire-01')));
  await clock.advance(250);
  expect(told).toEqual(['street site-republique']);
  await publish(topics.status(STREET));
  await clock.advance(250);
  expect(told).toEqual(['street site-republique', 'street site-republique']);
});

it('new readings of a building change its page soon and its homes within a minute', async () => {
  const { clock, told, publish } = await start();
  await publish(topics.ack(BUILDING));
  await clock.advance(250);
  expect(told).toEqual(['building site-tilleuls']);
  await clock.advance(60_000);
  expect(told).toEqual(['building site-tilleuls', 'home dwelling-tilleuls-07']);
});

it('a gateway that nobody knows changes nothing, and nothing is told after the stop', async () => {
  const { clock, told, publish, following } = await start();
  await publish(topics.ack(gatewayId('gateway-stranger')));
  await clock.advance(1000);
  await publish(topics.ack(STREET));
  await clock.advance(0);
  await following.stop();
  await publish(topics.ack(STREET));
  await clock.advance(1000);
  expect(told).toEqual([]);
});
