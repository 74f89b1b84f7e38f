import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { mergeCounter, rollUpCounter } from '#domain/energy/counter-rollup.ts';
import { ORDINARY_REGISTER } from '#domain/energy/cumulative-register.ts';
import { rollUpMeasure } from '#domain/energy/measure-rollup.ts';
import { type BucketSpan, daySpan, daysBetween, monthSpan, type Sample, spansInDay } from '#domain/energy/rollup.ts';
import { wattHours } from '#domain/units.ts';

const paris = timeZone('Europe/Paris');
const start = parseInstant('2026-10-24T22:00:00Z');
const MINUTE_MS = 60_000;

const sample = (minute: number, value: number | null): Sample => ({
  at: instant(start + minute * MINUTE_MS),
  value,
  quality: value === null ? 'missing' : 'measured',
});
const total = (buckets: readonly { readonly value: number | null }[]): number =>
  buckets.reduce((sum, { value }) => sum + (value ?? 0), 0);

describe('civil buckets', () => {
  test.each([
    ['2026-03-29T10:00:00Z', 23],
    ['2026-10-25T10:00:00Z', 25],
    ['2026-11-24T10:00:00Z', 24],
  ])('the day of %s has %i hours', (at, hours) => {
    const day = daySpan(parseInstant(at), paris);
    expect(spansInDay('hour', day)).toHaveLength(hours);
    expect(spansInDay('10min', day)).toHaveLength(hours * 6);
  });

  test('buckets fill their day and days their month, without hole nor overlap', () => {
    const month = monthSpan(parseInstant('2026-10-12T10:00:00Z'), paris);
    const days = daysBetween(month.from, instant(month.to - 1), paris);
    const follow = (spans: readonly BucketSpan[], { from, to }: BucketSpan) => {
      expect([spans[0]?.from, spans.at(-1)?.to]).toEqual([from, to]);
      for (const [index, span] of spans.slice(1).entries()) expect(span.from).toBe(spans[index]?.to);
    };
    expect(days).toHaveLength(31);
    follow(days, month);
    for (const day of days) follow(spansInDay('10min', day), day);
  });
});

/** A meter read each few minutes over two days: it begins again at some readings, and some readings are lost. */
const field = fc.record({
  steps: fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 9 }), powerW: fc.integer({ min: 0, max: 9_000 }) }), {
    minLength: 600,
    maxLength: 700,
  }),
  resets: fc.uniqueArray(fc.integer({ min: 50, max: 600 }), { maxLength: 3 }),
  lost: fc.uniqueArray(fc.integer({ min: 1, max: 598 }), { maxLength: 60 }),
  order: fc.integer(),
});

const readMeter = ({
  steps,
  resets,
}: {
  readonly steps: readonly { readonly minutes: number; readonly powerW: number }[];
  readonly resets: readonly number[];
}) => {
  let [minute, register, energy] = [0, 40_000, 0];
  const samples = [sample(0, register)];
  for (const [index, { minutes, powerW }] of steps.entries()) {
    const countedWh = (powerW * minutes) / 60;
    minute += minutes;
    energy += countedWh;
    register = resets.includes(index) ? countedWh : register + countedWh;
    samples.push(sample(minute, register));
  }
  return { samples, energy };
};

describe('energy is conserved', () => {
  const spansOf = (samples: readonly Sample[], step: '10min' | 'hour' | 'day'): readonly BucketSpan[] => {
    const days = daysBetween(start, samples.at(-1)?.at ?? start, paris);
    return step === 'day' ? days : days.flatMap((day) => spansInDay(step, day));
  };

  test.each(['10min', 'hour', 'day'] as const)(
    'to 0.5 %% in buckets of %s, whatever began again, was lost, came late or came twice',
    (step) => {
      fc.assert(
        fc.property(field, ({ steps, resets, lost, order }) => {
          const { samples, energy } = readMeter({ steps, resets });
          const kept = samples.filter((_, index) => !lost.includes(index) && !lost.includes(index - 1));
          // a store gives each instant once, in order, whatever the order and the number of times they came in
          const shuffled = [...kept, ...kept.slice(0, 50)].sort((a, b) => ((a.at * order) % 97) - ((b.at * order) % 97));
          const stored = [...new Map(shuffled.map((each) => [each.at, each])).values()].sort((a, b) => a.at - b.at);
          const counted = total(
            rollUpCounter(stored, spansOf(samples, step), step === 'day' ? 'day' : 'hour', ORDINARY_REGISTER),
          );
          // what a register forgot when it began again, nobody can know: at most what flows between two readings
          const unknown = resets.length * ((9_000 * 30) / 60);
          expect(counted).toBeLessThanOrEqual(energy * 1.005);
          expect(counted).toBeGreaterThanOrEqual(energy * 0.995 - unknown);
        }),
        { numRuns: 40 },
      );
    },
  );

  test('exactly between one length of bucket and another', () => {
    fc.assert(
      fc.property(field, ({ steps, resets }) => {
        const { samples } = readMeter({ steps, resets });
        const hours = rollUpCounter(samples, spansOf(samples, 'hour'), 'hour', ORDINARY_REGISTER);
        const days = rollUpCounter(samples, spansOf(samples, 'day'), 'day', ORDINARY_REGISTER);
        expect(total(hours)).toBeCloseTo(total(days), 5);
        const span = { from: start, to: instant(start + 4 * 86_400_000) };
        const merged = mergeCounter(
          span,
          days.map((day) => ({ ...day, lengthMs: 86_400_000 })),
        );
        expect(merged.value).toBeCloseTo(total(days), 5);
      }),
      { numRuns: 20 },
    );
  });

  test('over a rollover, when the register is known to roll over', () => {
    const traits = { ...ORDINARY_REGISTER, maximumWh: wattHours(100_000) };
    const samples = [sample(0, 99_000), sample(30, 99_800), sample(60, 600)];
    const [hour] = rollUpCounter(samples, [{ from: start, to: instant(start + 3_600_000) }], 'hour', traits);
    expect(hour).toMatchObject({ value: 1_600, quality: 'measured', flags: ['rollover'] });
  });
});

describe('a measure', () => {
  const hour = { from: start, to: instant(start + 3_600_000) };

  test('missing values cover nothing and weigh nothing', () => {
    const samples = Array.from({ length: 60 }, (_, minute) => sample(minute, minute < 30 ? 10 : null));
    const [bucket] = rollUpMeasure(samples, [hour]);
    expect(bucket).toMatchObject({ value: 10, min: 10, max: 10, coverage: 0.5, flags: ['gap'] });
  });

  test('a bucket without a reading is missing, never zero', () => {
    expect(rollUpMeasure([sample(-600, 5), sample(-599, 5)], [hour])).toEqual([
      { at: start, value: null, min: null, max: null, coverage: 0, quality: 'missing', flags: ['gap'] },
    ]);
  });

  test('one doubtful value makes its bucket doubtful', () => {
    const samples = Array.from(
      { length: 60 },
      (_, minute): Sample => ({ ...sample(minute, 10), quality: minute === 5 ? 'doubtful' : 'measured' }),
    );
    expect(rollUpMeasure(samples, [hour])[0]).toMatchObject({ quality: 'doubtful', flags: ['implausible'] });
  });

  test('a mean is over time, not over readings', () => {
    const samples = [
      ...Array.from({ length: 30 }, (_, minute) => sample(minute, 0)),
      ...Array.from({ length: 60 }, (_, half) => sample(30 + half / 2, 30)),
    ];
    expect(rollUpMeasure(samples, [hour])[0]?.value).toBeCloseTo(15, 0);
  });
});
