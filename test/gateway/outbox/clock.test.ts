import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Reading } from '#contract/messages/telemetry.ts';
import { formatInstant, type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { elapsedStamp, stampNow } from '#gateway/outbox/elapsed-stamp.ts';
import { PointInstants } from '#gateway/polling/point-instants.ts';
import { instantOf, type Moment } from '#gateway/polling/reading-instant.ts';
import { onlineStatus, type StatusParts } from '#gateway/status.ts';
import { ackOf, type OutboxBench, openOutboxBench, type Run, readingAt } from './outbox-under-test.ts';

const NOON = parseInstant('2026-11-24T12:00:00Z');

let bench: OutboxBench;
beforeEach(async () => {
  bench = await openOutboxBench({ civil: '1970-01-01T00:00:05Z' });
  bench.clock.setCivilState('unknown');
});
afterEach(() => bench.close());

const append = ({ outbox }: Run, energyWh: number): Promise<void> =>
  outbox.append({ readings: [readingAt('point-a', stampNow(bench.clock), { activeEnergyWh: energyWh, activePowerW: null })] });
const learn = (at: Instant): void => {
  bench.clock.stepCivil(at);
  bench.clock.setCivilState('synchronised');
};
const readings = (): readonly Reading[] => bench.arrivals.flatMap(({ batch }) => batch.readings);
const byEnergy = () => new Map(readings().map((reading) => [reading.values.activeEnergyWh, reading] as const));
const instantOfEnergy = (energyWh: number): number => parseInstant(byEnergy().get(energyWh)?.at ?? '');

describe('a gateway that does not know the time', () => {
  test('keeps readings with their distance from its start, and stamps them when it knows', async () => {
    const run = await bench.boot();
    await append(run, 1);
    await bench.advance(60_000, 1000);
    await append(run, 2);
    await bench.advance(10_000, 1000);
    expect(bench.arrivals).toEqual([]);
    expect(await run.outbox.oldestAt()).toBeNull();
    learn(NOON);
    await append(run, 3);
    await bench.advanceUntil('all is acknowledged', () => run.outbox.depth === 0);
    expect(instantOfEnergy(1)).toBe(NOON - 70_000);
    expect(instantOfEnergy(2)).toBe(NOON - 10_000);
    expect(instantOfEnergy(3)).toBe(NOON);
    expect(readings().every(({ quality }) => quality === undefined)).toBe(true);
  });

  test('gives the same instants again after a power cut: what was sent is not doubled', async () => {
    bench.onBatch = () => undefined;
    const run = await bench.boot();
    await append(run, 1);
    await bench.advance(5000, 1000);
    learn(NOON);
    await bench.advanceUntil('it was sent', () => readings().length > 0);
    bench.clock.stepCivil(instant(NOON + 7_000_000));
    await bench.kill();
    bench.onBatch = (batch, acknowledge) => acknowledge(ackOf(batch));
    const next = await bench.boot();
    await bench.advanceUntil('all is acknowledged', () => next.outbox.depth === 0);
    expect(new Set(readings().map(({ at }) => at))).toEqual(new Set([formatInstant(instant(NOON - 5000))]));
  });

  test('that was cut off before it knew: the latest possible instants, in order, doubtful, the same for ever', async () => {
    const first = await bench.boot();
    await append(first, 1);
    await bench.advance(60_000, 1000);
    await append(first, 2);
    await bench.kill();
    bench.onBatch = () => undefined;
    const second = await bench.boot();
    await bench.advance(30_000, 1000);
    await append(second, 3);
    learn(NOON);
    await bench.advanceUntil('all was sent', () => byEnergy().size === 3);
    expect(instantOfEnergy(3)).toBe(NOON);
    expect(instantOfEnergy(2) - instantOfEnergy(1)).toBe(60_000);
    expect(instantOfEnergy(2)).toBeLessThan(NOON - 30_000);
    expect(byEnergy().get(1)?.quality).toEqual({ activeEnergyWh: 'doubtful' });
    expect(byEnergy().get(3)?.quality).toBeUndefined();
    await bench.kill();
    bench.onBatch = (batch, acknowledge) => acknowledge(ackOf(batch));
    bench.clock.stepCivil(instant(NOON + 3_600_000));
    const third = await bench.boot();
    await bench.advanceUntil('all is acknowledged', () => third.outbox.depth === 0);
    expect(new Set(readings().map(({ at }) => at)).size).toBe(3);
  });

  test('and whose outbox is full thins by its own hours', async () => {
    const run = await bench.boot(65_536);
    for (let count = 0; count < 1000; count += 1) {
      await append(run, count);
      await bench.advance(10_000, 10_000);
    }
    expect(run.outbox.storage).toBe('thinned');
    learn(NOON);
    await bench.advanceUntil('all is acknowledged', () => run.outbox.depth === 0);
    const lost = bench.arrivals.reduce((sum, { batch }) => sum + (batch.gap?.lostReadings ?? 0), 0);
    expect(lost + readings().length).toBe(1000);
    expect(instantOfEnergy(0)).toBe(NOON - 10_000_000);
  }, 30_000);
});

describe('the distance to the centre', () => {
  test('is learnt from acknowledgements, and follows a step of our own clock', async () => {
    learn(NOON);
    bench.onBatch = (batch, acknowledge) =>
      acknowledge({ ...ackOf(batch), at: formatInstant(instant(bench.clock.civilNow() - 2500)) });
    const run = await bench.boot();
    await bench.advance(100);
    await append(run, 1);
    await bench.advanceUntil('it is acknowledged', () => run.outbox.depth === 0);
    expect(run.outbox.centre.offsetMs).toBe(2500);
    expect(run.outbox.centre.isApart).toBe(true);
    bench.clock.stepCivil(instant(bench.clock.civilNow() - 3_600_000));
    expect(run.outbox.centre.offsetMs).toBe(2500 - 3_600_000);
    await bench.advance(700_000, 10_000);
    expect(run.outbox.centre.offsetMs).toBeNull();
  });
});

describe('the state of the clock', () => {
  const stateAfter = async (offsetMs: number, roundTripMs: number): Promise<string> => {
    const own = await openOutboxBench({ roundTripMs });
    try {
      own.clock.setCivilState('synchronised');
      own.onBatch = (batch, acknowledge) =>
        acknowledge({ ...ackOf(batch), at: formatInstant(instant(own.clock.civilNow() + offsetMs)) });
      const { outbox } = await own.boot();
      await own.advance(100);
      await outbox.append({ readings: [readingAt('point-a', own.clock.civilNow())] });
      await own.advanceUntil('it is acknowledged', () => outbox.depth === 0);
      const nothing = { programs: null, overrides: null, envelope: null, consents: null, devices: null };
      const desired = { applied: () => nothing, refused: () => [] } as unknown as StatusParts['desired'];
      const parts = { boot: 1, version: '0', clock: own.clock, desired, outbox, oldestAt: null, refusedFile: null };
      const status = onlineStatus(parts);
      return status.state === 'online' ? status.clock.state : status.state;
    } finally {
      await own.close();
    }
  };

  test('is unsynchronised when it and the centre are apart for sure, whichever of the two is wrong', async () => {
    expect(await stateAfter(-2500, 0)).toBe('unsynchronised');
    expect(await stateAfter(60_000, 0)).toBe('unsynchronised');
    expect(await stateAfter(-1500, 0)).toBe('synchronised');
  });

  test('is not blamed for a slow journey', async () => {
    expect(await stateAfter(-2500, 4000)).toBe('synchronised');
    expect(await stateAfter(-6000, 4000)).toBe('unsynchronised');
  });
});

describe('the instant of a reading', () => {
  const moment = (civil: number, elapsed: number, isKnown = true): Moment => ({
    civil: instant(civil),
    elapsed: elapsed as Moment['elapsed'],
    isKnown,
    speed: 1,
  });

  test('is the middle of its request; when nothing answered, when it was asked', () => {
    expect(instantOf(instant(NOON + 40), moment(NOON, 0), moment(NOON + 100, 100))).toBe(NOON + 40);
    expect(instantOf(null, moment(NOON, 0), moment(NOON + 100, 100))).toBe(NOON);
  });

  test('of a clock that is set during the request is by the clock as it is then', () => {
    const middle = instant(NOON - 1_800_000 + 50);
    expect(instantOf(middle, moment(NOON, 0), moment(NOON - 3_600_000 + 100, 100))).toBe(NOON - 3_600_000 + 50);
    expect(instantOf(instant(5_050), moment(5_000, 0, false), moment(NOON, 100))).toBe(NOON - 50);
  });

  test('of a clock that is not known is its distance from the start', () => {
    const stamp = instantOf(instant(5_040), moment(5_000, 900, false), moment(5_100, 1000, false));
    expect(stamp).toBe(elapsedStamp(940 as Moment['elapsed'], 1));
  });

  test('is never one that the point has used, however the clock is put back', () => {
    const instants = new PointInstants();
    const used: number[] = [];
    for (let step = 0; step < 3; step += 1)
      for (let at = 0; at < 3_600_000; at += 5000) used.push(instants.claim('point-a', instant(NOON + at)));
    expect(new Set(used).size).toBe(used.length);
    expect(instants.claim('point-b', NOON)).toBe(NOON);
    expect(Math.max(...used.map((at, index) => at - (NOON + (index % 720) * 5000)))).toBe(2);
  });
});
