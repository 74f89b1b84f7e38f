import { afterEach, describe, expect, test } from 'vitest';
import { fault } from '#contract/errors.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { until } from '#test/services/until.ts';
import { republique, tilleuls } from './demo-field.ts';
import { batchOf, type IngestHouse, readingOf, startIngestHouse } from './ingest-house.ts';

let house: IngestHouse;
afterEach(() => house.stop());

const power = (at: string, activePowerW: number) => readingOf('point-republique-meter', at, { activePowerW });
const events = (...names: string[]) => house.logger.lines.map(({ event }) => event).filter((event) => names.includes(event));

/** A store that can be made to fail, in front of a real one. */
const failingStore = () => {
  const switches = { isDown: false, isFull: false, refuses: null as string | null };
  const wrapStore = (store: TimeSeriesStore): TimeSeriesStore => ({
    ...store,
    write(readings, options) {
      if (switches.isDown || switches.isFull) return Promise.reject(fault('STORE_UNAVAILABLE', { reason: 'unplugged' }));
      if (readings.some(({ point }) => point === switches.refuses))
        return Promise.reject(fault('STORE_REFUSED', { what: 'a line', reason: 'field type conflict' }));
      return store.write(readings, options);
    },
    ping: () => (switches.isDown ? Promise.reject(fault('STORE_UNAVAILABLE', { reason: 'unplugged' })) : store.ping()),
    firstAtOrAfter: (...asked) =>
      switches.isDown ? Promise.reject(fault('STORE_UNAVAILABLE', { reason: 'unplugged' })) : store.firstAtOrAfter(...asked),
  });
  return { switches, wrapStore };
};

const failingRegistry = () => {
  const switches = { isDown: false, journalIsDown: false };
  const unplugged = () => Promise.reject(fault('REGISTRY_UNAVAILABLE', { reason: 'unplugged' }));
  const wrapRegistry = (registry: IngestRegistry): IngestRegistry => ({
    ...registry,
    assetsRevision: () => (switches.isDown ? unplugged() : registry.assetsRevision()),
    saveEvents: (...asked) => (switches.journalIsDown ? unplugged() : registry.saveEvents(...asked)),
    quarantine: (message) => (switches.isDown ? unplugged() : registry.quarantine(message)),
  });
  return { switches, wrapRegistry };
};

describe('while the store is away', () => {
  test('nothing is acknowledged, ingest says so once, and what is sent again afterwards is stored once', async () => {
    const { switches, wrapStore } = failingStore();
    house = await startIngestHouse({ wrapStore });
    switches.isDown = true;
    const batches = [1, 2, 3].map((second) => batchOf([power(`2026-11-24T20:59:0${second}Z`, second)]));
    for (const batch of batches) {
      await house.publish(republique, JSON.stringify(batch));
      await house.whileTimePasses('ingest is degraded', () => house.ingest.health().state === 'degraded');
      await house.whileTimePasses('nothing is pending', () => house.figure('pending') === 0);
    }
    expect(house.acks).toEqual([]);
    expect(house.ingest.health().why).toContain('unplugged');

    switches.isDown = false;
    for (const batch of batches) await house.send(republique, { ...batch, historical: true });
    expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([1, 2, 3]);
    expect(house.ingest.health().state).toBe('ready');
    expect(events('store-became-unavailable', 'store-answered-again')).toEqual([
      'store-became-unavailable',
      'store-answered-again',
    ]);
  });

  test('its return is seen even when nobody sends anything', async () => {
    const { switches, wrapStore } = failingStore();
    switches.isDown = true;
    house = await startIngestHouse({ wrapStore });
    expect(house.ingest.health().state).toBe('degraded');
    switches.isDown = false;
    await house.clock.advance(10_000);
    await house.whileTimePasses('it is ready', () => house.ingest.health().state === 'ready');
  });

  test.each(['isDown', 'isFull'] as const)(
    '(%s) a dwelling’s place in its day is not lost to a reading that was never stored',
    async (outage) => {
      const { switches, wrapStore } = failingStore();
      house = await startIngestHouse({ wrapStore });
      const register = (at: string, value: number) => readingOf('point-tilleuls-d06', at, { energyImportedWh: value });
      await house.send(tilleuls, batchOf([register('2026-11-22T23:00:05Z', 1)]));
      switches[outage] = true;
      await house.publish(tilleuls, JSON.stringify(batchOf([register('2026-11-23T23:00:05Z', 2)])));
      await house.whileTimePasses('ingest is degraded', () => house.ingest.health().state === 'degraded');
      switches[outage] = false;
      const ack = await house.send(tilleuls, batchOf([register('2026-11-24T08:00:00Z', 3)]));
      expect(ack.refused).toEqual([]);
      expect(await house.values('point-tilleuls-d06', 'energyImportedWh', 'dwelling')).toEqual([1, 3]);
    },
  );
});

test('a batch that the store refuses is refused alone: the others of its commit are stored', async () => {
  const { switches, wrapStore } = failingStore();
  house = await startIngestHouse({ wrapStore });
  switches.refuses = 'point-tilleuls-commons';
  const good = [1, 2].map((second) => batchOf([power(`2026-11-24T20:59:0${second}Z`, second)]));
  const bad = batchOf([readingOf('point-tilleuls-commons', '2026-11-24T20:59:00Z', { activePowerW: 1 })]);
  await house.publish(republique, JSON.stringify(good[0]));
  await house.publish(tilleuls, JSON.stringify(bad));
  await house.publish(republique, JSON.stringify(good[1]));
  await until('all wait for one commit', () => house.figure('pending') === 3);
  await house.whileTimePasses('all are answered', () => house.acks.length === 2);
  expect(house.acks.find(({ gateway }) => gateway === tilleuls)).toMatchObject({
    ranges: [],
    refused: [{ seq: bad.seq, code: 'STORE_REFUSED' }],
  });
  expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([1, 2]);
  expect(house.figure('refusedBatches')).toBe(1);
});

describe('while the registry is away', () => {
  test('nothing can be checked, so nothing is stored nor acknowledged, and all passes when it is back', async () => {
    const { switches, wrapRegistry } = failingRegistry();
    house = await startIngestHouse({ wrapRegistry });
    switches.isDown = true;
    const batch = batchOf([power('2026-11-24T20:59:00Z', 1)]);
    await house.publish(republique, JSON.stringify(batch));
    await house.whileTimePasses('ingest is degraded', () => house.ingest.health().state === 'degraded');
    expect(house.acks).toEqual([]);
    switches.isDown = false;
    await house.send(republique, batch);
    expect(house.ingest.health().state).toBe('ready');
  });

  test('a batch whose events were not kept is not acknowledged, one that has none is', async () => {
    const { switches, wrapRegistry } = failingRegistry();
    house = await startIngestHouse({ wrapRegistry });
    switches.journalIsDown = true;
    const talkative = batchOf([power('2026-11-24T20:59:01Z', 1)], {
      events: [{ event: 'gateway-started', at: '2026-11-24T20:59:00Z' }],
    });
    const plain = batchOf([power('2026-11-24T20:59:02Z', 2)]);
    await house.publish(republique, JSON.stringify(talkative));
    const ack = await house.send(republique, plain);
    expect(ack.ranges).toEqual([[plain.seq, plain.seq]]);
    switches.journalIsDown = false;
    await house.send(republique, { ...talkative, historical: true });
    expect(await house.registry.as('control').journal.eventsOf([republique], 10)).toHaveLength(1);
    expect(house.figure('conflicts')).toBe(0);
  });
});

test('while the bus is away ingest says so, and an acknowledgement that was lost is given again', async () => {
  house = await startIngestHouse();
  const batch = batchOf([power('2026-11-24T20:59:00Z', 1)]);
  await house.publish(republique, JSON.stringify(batch));
  await until('it waits for its commit', () => house.figure('pending') === 1);
  house.broker.cut('ingest');
  await house.whileTimePasses('it is stored', () => house.figure('batches') === 1);
  expect(house.ingest.health()).toMatchObject({ state: 'degraded', why: 'the message bus is disconnected' });
  expect(house.acks).toEqual([]);
  house.broker.restore('ingest');
  await house.send(republique, { ...batch, historical: true });
  expect(await house.values('point-republique-meter', 'activePowerW')).toEqual([1]);
  expect(house.figure('acksLost')).toBe(1);
});
