import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  civilDate,
  civilDateOf,
  civilTime,
  civilTimeOf,
  formatInstant,
  instant,
  instantOf,
  isCivilTime,
  nightOf,
  parseInstant,
  startOfDay,
  startOfStep,
  timeZone,
  weekdayOf,
} from '#domain/civil-time.ts';

const PARIS = timeZone('Europe/Paris');
const UTC = timeZone('UTC');
const SPRING = civilDate('2026-03-29');
const AUTUMN = civilDate('2026-10-25');
const HOUR = 3_600_000;

const lengthOf = (day: typeof SPRING): number => startOfDay(addDays(day, 1), PARIS) - startOfDay(day, PARIS);
const stepsOf = (day: typeof SPRING, stepSeconds: number): number => {
  const starts = new Set<number>();
  for (let at = startOfDay(day, PARIS) as number; at < startOfDay(addDays(day, 1), PARIS); at += 60_000)
    starts.add(startOfStep(instant(at), stepSeconds, PARIS));
  return starts.size;
};
/** 2000 to 2060, every millisecond. */
const anyInstant = fc.integer({ min: 946_684_800_000, max: 2_840_140_800_000 }).map(instant);

describe('instants', () => {
  test('are written in UTC and read back', () => {
    expect(formatInstant(parseInstant('2026-11-24T17:15:00+01:00'))).toBe('2026-11-24T16:15:00Z');
    fc.assert(fc.property(anyInstant, (at) => void expect(parseInstant(formatInstant(at))).toBe(at)));
    expect([0, 10, 100, 120, 999].map((fraction) => formatInstant(instant(1_800_000_000_000 + fraction)).slice(19))).toEqual([
      'Z',
      '.01Z',
      '.1Z',
      '.12Z',
      '.999Z',
    ]);
  });

  test('without an offset, or not whole, are refused', () => {
    expect(() => parseInstant('2026-11-24T17:15:00')).toThrow(RangeError);
    expect(() => instant(1.5)).toThrow(RangeError);
    expect(() => instant(Number.NaN)).toThrow(RangeError);
  });
});

describe('civil times', () => {
  test('a zone that does not exist is refused by name', () => {
    expect(() => timeZone('Europe/Laon')).toThrow('"Europe/Laon" is not an IANA time zone');
  });

  test.each(['00:00', '23:59', '05:30:15'])('%s is a time of day', (text) => {
    expect(isCivilTime(text)).toBe(true);
  });

  test.each(['24:00', '7:00', '12:60', '23:59:60', '', '23h00'])('%j is not', (text) => {
    expect(() => civilTime(text)).toThrow(RangeError);
  });

  test('the date changes at the site’s midnight, not at the server’s', () => {
    const at = parseInstant('2026-11-24T23:30:00Z');
    expect(civilDateOf(at, PARIS)).toBe('2026-11-25');
    expect(civilDateOf(at, UTC)).toBe('2026-11-24');
    expect(civilTimeOf(at, PARIS)).toBe('00:30:00');
  });

  test('Monday is 1 and Sunday is 7', () => {
    expect(weekdayOf(civilDate('2026-11-23'))).toBe(1);
    expect(weekdayOf(AUTUMN)).toBe(7);
  });
});

describe('the days when the hour changes', () => {
  test('the spring day has 23 hours and the autumn day 25', () => {
    expect(lengthOf(SPRING)).toBe(23 * HOUR);
    expect(lengthOf(AUTUMN)).toBe(25 * HOUR);
    expect(lengthOf(civilDate('2026-11-24'))).toBe(24 * HOUR);
  });

  test('they have 46 and 50 half-hours, 92 and 100 quarters', () => {
    expect([stepsOf(SPRING, 1800), stepsOf(AUTUMN, 1800)]).toEqual([46, 50]);
    expect([stepsOf(SPRING, 900), stepsOf(AUTUMN, 900)]).toEqual([92, 100]);
  });

  test('02:30 comes twice in autumn: the first is meant', () => {
    expect(formatInstant(instantOf(AUTUMN, civilTime('02:30'), PARIS))).toBe('2026-10-25T00:30:00Z');
  });

  test('02:30 does not exist in spring: it is 03:30', () => {
    const at = instantOf(SPRING, civilTime('02:30'), PARIS);
    expect(formatInstant(at)).toBe('2026-03-29T01:30:00Z');
    expect(civilTimeOf(at, PARIS)).toBe('03:30:00');
  });

  test('where midnight does not exist, the day starts after the gap', () => {
    const santiago = timeZone('America/Santiago');
    const start = startOfDay(civilDate('2026-09-06'), santiago);
    expect(civilTimeOf(start, santiago)).toBe('01:00:00');
  });
});

describe('steps', () => {
  test('the start of a step holds its instant, and is the start of itself', () => {
    fc.assert(
      fc.property(anyInstant, fc.constantFrom(600, 900, 1800, 3600), (at, stepSeconds) => {
        const start = startOfStep(at, stepSeconds, PARIS);
        expect(start).toBeLessThanOrEqual(at);
        expect(at - start).toBeLessThan(stepSeconds * 1000);
        expect(startOfStep(start, stepSeconds, PARIS)).toBe(start);
      }),
    );
  });

  test('every instant belongs to the day that its date names', () => {
    fc.assert(
      fc.property(anyInstant, (at) => {
        const date = civilDateOf(at, PARIS);
        expect(startOfDay(date, PARIS)).toBeLessThanOrEqual(at);
        expect(startOfDay(addDays(date, 1), PARIS)).toBeGreaterThan(at);
      }),
    );
  });
});

describe('nights', () => {
  test('a night runs from noon to noon and is named by its evening', () => {
    const nightAt = (text: string) => nightOf(parseInstant(text), PARIS);
    expect(nightAt('2026-11-24T20:00:00+01:00')).toBe('2026-11-24');
    expect(nightAt('2026-11-25T03:00:00+01:00')).toBe('2026-11-24');
    expect(nightAt('2026-11-25T11:59:59+01:00')).toBe('2026-11-24');
    expect(nightAt('2026-11-25T12:00:00+01:00')).toBe('2026-11-25');
  });

  test('the night when summer time ends is one night', () => {
    const before = nightOf(parseInstant('2026-10-25T02:30:00+02:00'), PARIS);
    const after = nightOf(parseInstant('2026-10-25T02:30:00+01:00'), PARIS);
    expect([before, after]).toEqual(['2026-10-24', '2026-10-24']);
  });
});
