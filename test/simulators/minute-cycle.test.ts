import { describe, expect, test } from 'vitest';
import { instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import { CYCLE_MINUTES, createCivilCycle, createMinuteCycle } from '#simulators/devices/minute-cycle.ts';
import { createWallClock } from '#simulators/devices/wall-clock.ts';

const ORIGIN = parseInstant('2023-06-01T00:00:00Z');
const wall = createWallClock(timeZone('Europe/Paris'), ORIGIN);
/** 1 W, and 1000 W in the hour from 02:00 to 03:00 of each day. */
const cycle = createMinuteCycle(
  Float64Array.from({ length: CYCLE_MINUTES }, (_, minute) => (Math.floor(minute / 60) % 24 === 2 ? 1000 : 1)),
);
const civil = createCivilCycle({ cycle, wall, origin: ORIGIN });
const energyWh = (from: string, to: string): number => (civil.totalAt(parseInstant(to)) - civil.totalAt(parseInstant(from))) / 60;

describe('a cycle laid on the civil time', () => {
  test('lives by the clock on the wall, winter and summer', () => {
    expect(civil.at(parseInstant('2026-01-15T01:30:00Z'))).toBe(1000);
    expect(civil.at(parseInstant('2026-07-15T00:30:00Z'))).toBe(1000);
    expect(energyWh('2026-07-14T22:00:00Z', '2026-07-15T22:00:00Z')).toBeCloseTo(1023, 6);
  });

  test('the night when summer time ends lives 02:00 to 03:00 twice, and its energy never falls', () => {
    expect(energyWh('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')).toBeCloseTo(2023, 6);
    let before = civil.totalAt(parseInstant('2026-10-24T22:00:00Z'));
    for (let minute = 1; minute <= 25 * 60; minute += 1) {
      const total = civil.totalAt(instant(parseInstant('2026-10-24T22:00:00Z') + minute * 60_000));
      expect(total).toBeGreaterThan(before);
      before = total;
    }
  });

  test('the night when summer time begins has no such hour', () => {
    expect(energyWh('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toBeCloseTo(23, 6);
  });

  test('its total is the integral of its value, over any number of turns', () => {
    let sum = 0;
    const start = parseInstant('2026-02-20T00:00:00Z');
    for (let minute = 0; minute < 40 * 1440; minute += 1) sum += civil.at(instant(start + minute * 60_000));
    expect(civil.totalAt(instant(start + 40 * 86_400_000)) - civil.totalAt(start)).toBeCloseTo(sum, 3);
  });

  test('a Sunday stays a Sunday', () => {
    const sundays = createMinuteCycle(
      Float64Array.from({ length: CYCLE_MINUTES }, (_, minute) => Number(Math.floor(minute / 1440) % 7 === 0)),
    );
    const laid = createCivilCycle({ cycle: sundays, wall, origin: ORIGIN });
    expect(laid.at(parseInstant('2026-11-22T12:00:00Z'))).toBe(1);
    expect(laid.at(parseInstant('2026-11-23T12:00:00Z'))).toBe(0);
  });
});
