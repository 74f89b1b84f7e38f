import { readFile, writeFile } from 'node:fs/promises';
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
