import { readFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OutboxBench, openOutboxBench, readingAt, segmentsIn } from './outbox-under-test.ts';

let bench: OutboxBench;
beforeEach(async () => {
  bench = await openOutboxBench();
});
afterEach(() => bench.close());

const reading = (value: number, point = 'point-a') =>
  readingAt(point, bench.clock.civilNow(), { activeEnergyWh: value, activePowerW: 5 });
const values = () =>
  bench.arrivals.flatMap(({ batch }) => batch.readings.map(({ values: { activeEnergyWh } }) => activeEnergyWh));

describe('a disk that refuses', () => {
  test('is said, batches go out from memory, and what waits is written when it accepts again', async () => {
    const { outbox } = await bench.boot();
    bench.link(false);
    await outbox.append({ readings: [reading(1)] });
    bench.disk.refuses = 'ENOSPC';
    await outbox.append({ readings: [reading(2)] });
    await outbox.append({ readings: [reading(3)] });
    expect(outbox.storage).toBe('refused');
    expect(bench.logged.filter((event) => event === 'outbox-disk-refused')).toHaveLength(1);
    expect(outbox.depth).toBe(3);
    bench.disk.refuses = null;
    await bench.advance(2000);
    expect(outbox.storage).toBe('kept');
    expect(bench.disk.appended).toBe(3);
    await bench.kill();
    await bench.boot();
    await bench.advanceUntil('all came', () => values().length === 3);
    expect(values().sort()).toEqual([1, 2, 3]);
  });

  test('does not stop what is measured while the link is up', async () => {
    const { outbox } = await bench.boot();
    bench.disk.refuses = 'ENOSPC';
    for (let count = 1; count <= 5; count += 1) await outbox.append({ readings: [reading(count)] });
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    expect(values()).toEqual([1, 2, 3, 4, 5]);
    expect(bench.disk.appended).toBe(0);
    bench.disk.refuses = null;
    await outbox.append({ readings: [reading(6)] });
    expect(outbox.storage).toBe('kept');
  });

  test('fills a memory that has a limit: it is thinned by class, and a gap says what is missing', async () => {
    const { outbox } = await bench.boot();
    bench.link(false);
    bench.disk.refuses = 'ENOSPC';
    const points = Array.from({ length: 100 }, (_, index) => `point-${index}`);
    for (let count = 0; count < 900; count += 1) {
      await outbox.append({ readings: points.map((point) => reading(count, point)) });
      await bench.advance(5000, 5000);
    }
    bench.disk.refuses = null;
    bench.link(true);
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    const lost = bench.arrivals.reduce((sum, { batch }) => sum + (batch.gap?.lostReadings ?? 0), 0);
    expect(lost).toBeGreaterThan(10_000);
    expect(values().length + lost).toBe(90_000);
    expect(bench.arrivals.every(({ batch }) => batch.gap === undefined || batch.gap.kept === 'counters-15min')).toBe(true);
  }, 60_000);
});

describe('a record that the disk no longer gives', () => {
  test('is declared as a gap, and the others go out', async () => {
    const { outbox } = await bench.boot();
    bench.link(false);
    for (let count = 0; count < 3; count += 1) await outbox.append({ readings: [reading(count)] });
    await bench.kill();
    const run = await bench.boot();
    bench.link(false);
    const [segment = ''] = await segmentsIn(bench.folder());
    const bytes = await readFile(segment);
    const at = bytes.indexOf('"seq":1');
    await writeFile(segment, bytes.fill(0, at, at + 7));
    bench.link(true);
    await bench.advanceUntil('all is acknowledged', () => run.outbox.depth === 0);
    const gaps = bench.arrivals.flatMap(({ batch }) => batch.gap ?? []);
    expect(gaps).toEqual([{ from: 1, to: 1, lostReadings: 1, code: 'DURABLE_LOG_DAMAGED', kept: 'nothing' }]);
    expect(values().sort()).toEqual([0, 2]);
  });
});

describe('a log that was damaged while the gateway was off', () => {
  const appendOffline = async (count: number): Promise<void> => {
    const { outbox } = await bench.boot();
    bench.link(false);
    for (let value = 0; value < count; value += 1) await outbox.append({ readings: [reading(value)] });
  };
  /** Changes bytes of the only segment from where a text stands in it. */
  const spoil = (text: string, before: number, bytes: number) => async (folder: string) => {
    const [segment = ''] = await segmentsIn(folder);
    const content = await readFile(segment);
    const at = content.indexOf(text) - before;
    await writeFile(segment, content.fill(0x55, at, at + bytes));
  };
  const gaps = () => bench.arrivals.flatMap(({ batch }) => batch.gap ?? []);

  test('declares the batch that it lost, with its number and what it held, and sends those behind it', async () => {
    await appendOffline(4);
    await bench.kill(spoil('"seq":1', -20, 3));
    const { outbox } = await bench.boot();
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    expect(gaps()).toEqual([{ from: 1, to: 1, lostReadings: 1, code: 'DURABLE_LOG_DAMAGED', kept: 'nothing' }]);
    expect(values().sort()).toEqual([0, 2, 3]);
    expect(bench.logged).toContain('outbox-records-were-lost');
  });

  test('finds the next whole batch where a length is wrong too', async () => {
    await appendOffline(4);
    await bench.kill(spoil('{"boot":1,"seq":1', 8, 4));
    const { outbox } = await bench.boot();
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    expect(gaps()).toMatchObject([{ from: 1, to: 1 }]);
    expect(values().sort()).toEqual([0, 2, 3]);
  });

  test('declares it once, however often it starts again before it is acknowledged', async () => {
    await appendOffline(3);
    await bench.kill(spoil('{"boot":1,"seq":1', 4, 2));
    await bench.boot();
    bench.link(false);
    await bench.kill();
    const { outbox } = await bench.boot();
    expect(outbox.depth).toBe(3);
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    expect(gaps()).toHaveLength(1);
  });

  test('says nothing of a write that was cut off: it was never durable', async () => {
    await appendOffline(2);
    await bench.kill(async (folder) => {
      const [segment = ''] = await segmentsIn(folder);
      await truncate(segment, (await readFile(segment)).length - 5);
    });
    const { outbox } = await bench.boot();
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    expect(gaps()).toEqual([]);
    expect(values()).toEqual([0]);
  });

  test('never loses a number silently, wherever the damage is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), bytes: fc.integer({ min: 1, max: 300 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 255 }),
        async (holes, filler) => {
          const own = await openOutboxBench();
          try {
            await loseSome(own, holes, filler);
          } finally {
            await own.close();
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);
});

const BATCHES = 20;
/** Small segments, so that damage is found in the last one and in others. */
const LIMIT_BYTES = 16 * 1024;

/** Two boots without a link, damage anywhere but in the last record, then everything must have arrived or be in a gap. */
const loseSome = async (own: OutboxBench, holes: readonly { at: number; bytes: number }[], filler: number): Promise<void> => {
  for (const boot of [1, 2]) {
    const { outbox } = await own.boot(LIMIT_BYTES);
    own.link(false);
    for (let seq = 0; seq < BATCHES; seq += 1)
      await outbox.append({ readings: [readingAt('point-a', own.clock.civilNow(), { activeEnergyWh: boot * 100 + seq })] });
    await own.kill(boot === 1 ? undefined : (folder) => dig(folder, holes, filler));
  }
  const { outbox } = await own.boot(LIMIT_BYTES);
  await own.advanceUntil('all is acknowledged', () => outbox.depth === 0);
  const said = new Set<string>();
  for (const { batch } of own.arrivals) {
    for (const { values } of batch.readings) expect(values.activeEnergyWh).toBe(batch.boot * 100 + batch.seq);
    for (let seq = batch.gap?.from ?? batch.seq; seq <= batch.seq; seq += 1) said.add(`${batch.boot}/${seq}`);
  }
  const all = [1, 2].flatMap((boot) => Array.from({ length: BATCHES }, (_, seq) => `${boot}/${seq}`));
  expect(all.filter((number) => !said.has(number))).toEqual([]);
};

const dig = async (folder: string, holes: readonly { at: number; bytes: number }[], filler: number): Promise<void> => {
  const segments = await segmentsIn(folder);
  for (const { at, bytes } of holes) {
    const segment = segments[Math.floor(at * segments.length)] ?? '';
    const content = await readFile(segment);
    const end = segment === segments.at(-1) ? content.lastIndexOf('{"boot"') - 8 : content.length;
    const from = Math.floor(((at * segments.length) % 1) * end);
    await writeFile(segment, content.fill(filler, from, Math.min(end, from + bytes)));
  }
};
