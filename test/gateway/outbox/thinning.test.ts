import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import { formatInstant, parseInstant } from '#domain/civil-time.ts';
import { Thinning } from '#gateway/outbox/thinning.ts';
import { type OutboxBench, openOutboxBench, readingAt } from './outbox-under-test.ts';

let bench: OutboxBench;
beforeEach(async () => {
  bench = await openOutboxBench();
});
afterEach(() => bench.close());

const POINTS = ['point-a', 'point-b', 'point-c', 'point-d'];
const PERIOD_MS = 30_000;

const round = (): Telemetry['readings'] => {
  const at = bench.clock.civilNow();
  return POINTS.map((point) => readingAt(point, at, { activeEnergyWh: at / 1000, activePowerW: 40, voltageV: 230 }));
};
const event = (): NonNullable<Telemetry['events']>[number] => ({
  event: 'level-departed',
  at: formatInstant(bench.clock.civilNow()),
});

/** A link that is down for so many rounds, then everything comes. */
const outage = async (rounds: number, limitBytes: number, isKilled = false) => {
  let run = await bench.boot(limitBytes);
  bench.link(false);
  for (let count = 0; count < rounds; count += 1) {
    await run.outbox.append({ readings: round(), events: count % 50 === 0 ? [event()] : [] });
    await bench.advance(PERIOD_MS, PERIOD_MS);
  }
  const { storage } = run.outbox;
  if (isKilled) {
    await bench.kill();
    run = await bench.boot(limitBytes);
  } else bench.link(true);
  await bench.advanceUntil('all is acknowledged', () => run.outbox.depth === 0);
  const batches = bench.arrivals.map(({ batch }) => batch).filter(({ boot }) => boot === 1);
  const readings = batches.flatMap((batch) => batch.readings);
  const sumOf = (key: 'lostReadings' | 'lostEvents'): number => batches.reduce((sum, { gap }) => sum + (gap?.[key] ?? 0), 0);
  return { batches, readings, events: batches.flatMap(({ events = [] }) => events), sumOf, storage };
};

/** Every number once, whether its batch came or a gap stands for it. */
const numbersOf = (batches: readonly Telemetry[]): readonly number[] =>
  batches
    .flatMap(({ seq, gap }) => Array.from({ length: seq - (gap?.from ?? seq) + 1 }, (_, index) => (gap?.from ?? seq) + index))
    .sort((a, b) => a - b);

describe('an outbox that is full', () => {
  test('gives up measures first and keeps a counter every 15 minutes, all events, and every number', async () => {
    const { batches, readings, events, sumOf, storage } = await outage(800, 150_000);
    expect(storage).toBe('thinned');
    expect(bench.logged).toContain('outbox-became-full');
    expect(readings.length + sumOf('lostReadings')).toBe(800 * POINTS.length);
    expect(events).toHaveLength(16);
    expect(sumOf('lostEvents')).toBe(0);
    expect(numbersOf(batches)).toEqual(Array.from({ length: 800 }, (_, seq) => seq));
    expect(new Set(batches.flatMap(({ gap }) => gap?.kept ?? []))).toEqual(new Set(['counters-15min']));
    const counters = readings.filter(({ values }) => values.activePowerW === undefined);
    expect(counters.every(({ values }) => typeof values.activeEnergyWh === 'number')).toBe(true);
    const slots = readings.filter(({ point }) => point === 'point-a').map(({ at }) => Math.floor(parseInstant(at) / 900_000));
    expect(new Set(slots).size).toBe(Math.ceil((800 * PERIOD_MS) / 900_000));
    const newest = readings.filter(({ at }) => parseInstant(at) > bench.clock.civilNow() - 3_600_000);
    expect(newest.some(({ values }) => values.activePowerW === 40)).toBe(true);
  }, 60_000);

  test('then thins counters to hours, then gives up readings, and events last of all', async () => {
    const { batches, readings, events, sumOf } = await outage(800, 9_000);
    expect(readings.length + sumOf('lostReadings')).toBe(800 * POINTS.length);
    expect(events).toHaveLength(16);
    expect(numbersOf(batches)).toEqual(Array.from({ length: 800 }, (_, seq) => seq));
    const kept = new Set(batches.flatMap(({ gap }) => gap?.kept ?? []));
    expect(kept.has('counters-1h') && kept.has('events') && !kept.has('nothing')).toBe(true);
    expect(sumOf('lostEvents')).toBe(0);
  }, 60_000);

  test('that is cut off while it is full comes back with the same account', async () => {
    const { batches, readings, sumOf } = await outage(800, 150_000, true);
    expect(readings.length + sumOf('lostReadings')).toBe(800 * POINTS.length);
    expect(numbersOf(batches)).toEqual(Array.from({ length: 800 }, (_, seq) => seq));
  }, 60_000);

  test('says that it has room again when it was emptied', async () => {
    const { outbox } = await bench.boot(65_536);
    bench.link(false);
    for (let count = 0; count < 400; count += 1) await outbox.append({ readings: round() });
    expect(outbox.storage).toBe('thinned');
    bench.link(true);
    await bench.advanceUntil('all is acknowledged', () => outbox.depth === 0);
    await outbox.append({ readings: round() });
    expect(outbox.storage).toBe('kept');
    expect(bench.logged).toContain('outbox-has-room-again');
  });
});

describe('an acknowledgement of a part of what a gap stands for', () => {
  test('is not one of the gap', async () => {
    const { outbox } = await bench.boot(65_536);
    bench.onBatch = () => undefined;
    for (let count = 0; count < 400; count += 1) await outbox.append({ readings: round() });
    const thinned = outbox.depth;
    expect(thinned).toBeLessThan(400);
    outbox.acknowledge({ boot: 1, ranges: [[1, 2]], refused: [] });
    expect(outbox.depth).toBe(thinned);
    outbox.acknowledge({ boot: 2, ranges: [[0, 400]], refused: [] });
    expect(outbox.depth).toBe(thinned);
    outbox.acknowledge({ boot: 1, ranges: [[0, 400]], refused: [] });
    expect(outbox.depth).toBe(0);
  });
});

describe('thinning', () => {
  const start = parseInstant('2026-11-24T12:00:00Z');
  const batchesOf = (offsets: readonly number[]): readonly Telemetry[] =>
    offsets.map((offset, seq) => ({
      boot: 1,
      seq,
      readings: [readingAt('point-a', (start + offset * 1000) as typeof start, { activeEnergyWh: seq, activePowerW: 1 })],
      events: [{ event: 'lamp-failed', at: formatInstant(start) }],
    }));

  test('in one go or in several counts the same, and never invents', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 60 }), fc.nat(), (offsets, cut) => {
        const sorted = offsets.toSorted((a, b) => a - b);
        const batches = batchesOf(sorted);
        const quarters = new Thinning('counters-15min');
        const at = cut % batches.length;
        const first = [...quarters.thin(batches.slice(0, at)), ...quarters.thin(batches.slice(at))];
        const again = first.map(({ boot, seq, content, gap }) => ({ boot, seq, ...content, gap }));
        const hours = new Thinning('counters-1h').thin(again);
        const direct = new Thinning('counters-1h').thin(batches);
        const kept = (list: readonly { content: { readings: Telemetry['readings'] } }[]) =>
          list.flatMap(({ content }) => content.readings);
        expect(kept(hours)).toEqual(kept(direct));
        for (const list of [first, hours, direct]) {
          const lost = list.reduce((sum, { gap }) => sum + gap.lostReadings, 0);
          expect(kept(list).length + lost).toBe(batches.length);
          expect(list.flatMap(({ content }) => content.events)).toHaveLength(batches.length);
        }
      }),
    );
  });

  test('gives up events only when nothing else is left', () => {
    const all = new Thinning('nothing').thin(batchesOf([0, 1, 2]));
    expect(all.map(({ content, gap }) => [content.readings.length, content.events?.length, gap])).toEqual([
      [0, 0, { from: 0, to: 2, lostReadings: 3, lostEvents: 3, code: 'DURABLE_LOG_FULL', kept: 'nothing' }],
    ]);
  });

  test('keeps the quality of the counters it keeps, and no counter that is missing', () => {
    const at = formatInstant(start);
    const readings = [
      { point: 'point-a', at, values: { activeEnergyWh: null, activePowerW: 3 }, quality: { activeEnergyWh: 'missing' } },
      {
        point: 'point-a',
        at,
        values: { activeEnergyWh: 7, voltageV: null },
        quality: { activeEnergyWh: 'doubtful', voltageV: 'missing' },
      },
    ] as unknown as Telemetry['readings'];
    const [thinned] = new Thinning('counters-15min').thin([{ boot: 1, seq: 4, readings }]);
    expect(thinned).toEqual({
      boot: 1,
      seq: 4,
      content: {
        readings: [{ point: 'point-a', at, values: { activeEnergyWh: 7 }, quality: { activeEnergyWh: 'doubtful' } }],
        events: [],
        reports: [],
      },
      gap: { from: 4, to: 4, lostReadings: 1, code: 'DURABLE_LOG_FULL', kept: 'counters-15min' },
    });
  });
});
