import { afterEach, expect, test } from 'vitest';
import { ackOf, type OutboxBench, openOutboxBench, readingAt } from './outbox-under-test.ts';

let bench: OutboxBench;
afterEach(() => bench.close());

const LIVE_EVERY_MS = 100;
const ROUND_TRIP_MS = 100;
/** How long ingest gathers before it commits. */
const COMMIT_MS = 100;

const readings = (count: number) =>
  Array.from({ length: count }, (_, index) => readingAt(`point-${index}`, bench.clock.civilNow()));

test('a backlog drains 20 times as fast as it grows over a round trip of 100 ms, and live batches stay under 2 s', async () => {
  bench = await openOutboxBench({ roundTripMs: ROUND_TRIP_MS });
  bench.onBatch = (batch, acknowledge) => void bench.clock.after(COMMIT_MS, () => acknowledge(ackOf(batch)));
  const bornAt = new Map<number, number>();
  const { outbox } = await bench.boot();
  await bench.advance(200);
  bench.link(false);
  const appended: Promise<void>[] = [];
  const append = (): void => {
    bornAt.set(bornAt.size, bench.clock.monotonicNow());
    appended.push(outbox.append({ readings: readings(10) }));
  };
  for (let count = 0; count < 4000; count += 1) append();
  await Promise.all(appended);
  await bench.advance(100);
  expect(bench.arrivals).toEqual([]);

  bench.link(true);
  const startedAt = bench.clock.monotonicNow();
  const isHistory = (seq: number): boolean => seq < 4000;
  while (new Set(bench.arrivals.filter(({ batch }) => isHistory(batch.seq)).map(({ batch }) => batch.seq)).size < 4000) {
    append();
    await bench.advance(LIVE_EVERY_MS, 25);
    expect(bench.clock.monotonicNow() - startedAt).toBeLessThan(60_000);
  }
  const history = bench.arrivals.filter(({ batch }) => isHistory(batch.seq));
  const tookMs = Math.max(...history.map(({ at }) => at)) - startedAt;
  const drainedPerLive = 4000 / (tookMs / LIVE_EVERY_MS);
  expect(drainedPerLive).toBeGreaterThan(20);
  const live = bench.arrivals.filter(({ batch }) => !isHistory(batch.seq));
  expect(live.length).toBeGreaterThan(5);
  expect(live.every(({ batch }) => batch.historical === undefined)).toBe(true);
  expect(Math.max(...live.map(({ at, batch }) => at - (bornAt.get(batch.seq) ?? 0)))).toBeLessThan(2000);
  expect(new Set(bench.arrivals.map(({ batch }) => batch.seq)).size).toBe(bench.arrivals.length);
  await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
}, 60_000);

/** A centre that stores one batch after the other, each in `batchMs`, and when it stored each. */
const storeOneByOne = (speed: { batchMs: number }) => {
  const stored = new Map<number, number>();
  let freeAt = 0;
  bench.onBatch = (batch, acknowledge) => {
    freeAt = Math.max(freeAt, bench.clock.monotonicNow()) + speed.batchMs;
    bench.clock.after(freeAt - bench.clock.monotonicNow(), () => {
      stored.set(batch.seq, bench.clock.monotonicNow());
      acknowledge(ackOf(batch));
    });
  };
  return stored;
};

test('a centre that becomes slow gets no more than it can take: live batches are soon under 2 s again', async () => {
  bench = await openOutboxBench({ roundTripMs: ROUND_TRIP_MS });
  const speed = { batchMs: 1 };
  const stored = storeOneByOne(speed);
  const { outbox } = await bench.boot();
  bench.link(false);
  await Promise.all(Array.from({ length: 3000 }, () => outbox.append({ readings: readings(2) })));
  bench.link(true);
  await bench.advanceUntil('it goes fast', () => stored.size > 1000);
  speed.batchMs = 30;
  await bench.advance(30_000);
  const bornAt = new Map<number, number>();
  for (let count = 0; count < 20; count += 1) {
    bornAt.set(3000 + count, bench.clock.monotonicNow());
    await outbox.append({ readings: readings(2) });
    await bench.advance(500);
  }
  await bench.advanceUntil('the live ones are stored', () => [...bornAt.keys()].every((seq) => stored.has(seq)));
  const ages = [...bornAt].map(([seq, at]) => (stored.get(seq) ?? Number.POSITIVE_INFINITY) - at);
  expect(stored.size).toBeLessThan(3000);
  expect(Math.max(...ages)).toBeLessThan(2000);
}, 60_000);
