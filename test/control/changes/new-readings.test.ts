import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createInMemoryBroker } from '#adapters/message-bus/in-memory.ts';
import { topics } from '#contract/topics.ts';
import { fieldAssetsFrom } from '#control/assets/import-assets.ts';
import { createNewReadings } from '#control/changes/new-readings.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';
import { demoAssetsFile, openTestRegistry, type TestRegistry } from '../registry-of-control.ts';

const STREET = gatewayId('gateway-republique');
const BUILDING = gatewayId('gateway-tilleuls');

let registry: TestRegistry;
beforeEach(async () => {
  registry = await openTestRegistry();
  const { assets, housing } = registry.control();
  const file = demoAssetsFile();
  await assets.replaceAssets(fieldAssetsFrom(file), 'hash');
  await housing.replaceHousing(file.housing, 'hash');
});
afterEach(() => registry.close());

const start = async () => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
  const broker = createInMemoryBroker(silentLogger);
  const bus = broker.createBus({ clientId: 'control' });
  const ingest = broker.createBus({ clientId: 'ingest' });
  await Promise.all([bus.connect(), ingest.connect()]);
  const changes = createInProcessChangeFeed();
  const told: string[] = [];
  const arrivals = new EventTarget();
  changes.listen(({ changed, id }) => {
    told.push(`${changed} ${id}`);
    arrivals.dispatchEvent(new Event('arrival'));
  });
  const until = async (count: number): Promise<void> => {
    while (told.length < count) await once(arrivals, 'arrival');
  };
  const readings = createNewReadings({ ...registry.control(), bus, changes, clock, logger: silentLogger });
  await readings.start();
  const acknowledge = (gateway: typeof STREET): Promise<void> => ingest.publish(topics.ack(gateway), '{}', { qos: 1 });
  return { clock, told, until, acknowledge, readings };
};

it('a burst of acknowledgements of a street is one change of that street', async () => {
  const { clock, told, until, acknowledge } = await start();
  await acknowledge(STREET);
  await acknowledge(STREET);
  await clock.advance(250);
  await until(1);
  expect(told).toEqual(['street site-republique']);
});

it('new readings of a building change its homes within a minute', async () => {
  const { clock, told, until, acknowledge } = await start();
  await acknowledge(BUILDING);
  await clock.advance(250);
  await until(1);
  expect(told).toEqual(['building site-tilleuls']);
  await clock.advance(60_000);
  await until(17);
  expect(told.slice(1)).toEqual(
    Array.from({ length: 16 }, (_, index) => `home dwelling-tilleuls-${String(index + 1).padStart(2, '0')}`),
  );
});

it('nothing is told after the stop', async () => {
  const { clock, told, acknowledge, readings } = await start();
  await acknowledge(STREET);
  await clock.advance(0);
  await readings.stop();
  await acknowledge(STREET);
  await clock.advance(60_000);
  expect(told).toEqual([]);
});
