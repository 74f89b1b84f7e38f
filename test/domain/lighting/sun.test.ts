import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { civilDate, civilTimeOf, instant, timeZone } from '#domain/civil-time.ts';
import { type Position, sunOfDay, sunOfNight } from '#domain/lighting/sun.ts';

const DAY_MS = 86_400_000;
const TOLERANCE_S = 60;
const PARIS = timeZone('Europe/Paris');
const LAON = { latitude: 49.564, longitude: 3.62 };

/** Sunset, dusk, dawn and sunrise of a night, in seconds after its noon in UTC. */
const nightAt = (day: number, position: Position): readonly number[] => {
  const noon = day * DAY_MS + DAY_MS / 2;
  const evening = sunOfDay(instant(noon), position);
  const morning = sunOfDay(instant(noon + DAY_MS), position);
  return [evening.sunsetAt, evening.duskAt, morning.dawnAt, morning.sunriseAt].map((at) => ((at ?? Number.NaN) - noon) / 1000);
};

/** Nights of an almanac computed by another programme: place, day number and what it says. */
const almanac = (): readonly { readonly position: Position; readonly day: number; readonly expected: readonly number[] }[] => {
  const lines = readFileSync(new URL('../../fixtures/sun/aisne-2025-2035.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  let position: Position = LAON;
  return lines.slice(2).flatMap((line) => {
    const [day = 0, ...expected] = line.split(',').map(Number);
    if (!Number.isNaN(day)) return [{ position, day, expected }];
    const [latitude = 0, longitude = 0] = expected;
    position = { latitude, longitude };
    return [];
  });
};

describe('the sun and civil twilight, 2025 to 2035', () => {
  test(`are within ${TOLERANCE_S} s of PyEphem: each night in Laon, one in seven in four other places of the Aisne`, () => {
    const worst = almanac().map(({ position, day, expected }) => {
      const ours = nightAt(day, position);
      return Math.max(...expected.map((at, index) => Math.abs(at - (ours[index] ?? Number.NaN))));
    });
    expect(worst.length).toBeGreaterThan(4017 + 4 * 570);
    expect(Math.max(...worst)).toBeLessThan(TOLERANCE_S);
  });
});

const RADIANS = Math.PI / 180;
const sin = (degrees: number): number => Math.sin(degrees * RADIANS);
const cos = (degrees: number): number => Math.cos(degrees * RADIANS);

/**
 * Elevation of the sun's centre, in degrees without refraction, by the approximate coordinates of The Astronomical Almanac,
 * page C5 (as published by the U.S. Naval Observatory): 0.01° between 1950 and 2050. Another series than Meeus's.
 */
const elevation = (at: number, { latitude, longitude }: Position): number => {
  const days = (at - Date.UTC(2000, 0, 1, 12)) / DAY_MS;
  const anomaly = 357.528 + 0.9856003 * days;
  const ecliptic = 280.46 + 0.9856474 * days + 1.915 * sin(anomaly) + 0.02 * sin(2 * anomaly);
  const obliquity = 23.439 - 0.0000004 * days;
  const ascension = Math.atan2(cos(obliquity) * sin(ecliptic), cos(ecliptic)) / RADIANS;
  const declination = Math.asin(sin(obliquity) * sin(ecliptic)) / RADIANS;
  const sidereal = 15 * (18.697374558 + 24.06570982441908 * days);
  const hourAngle = sidereal + longitude - ascension;
  return Math.asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hourAngle)) / RADIANS;
};

describe('anywhere in the Aisne, any day from 2025 to 2035', () => {
  const place = fc.record({
    latitude: fc.double({ min: 48.8, max: 50.1, noNaN: true }),
    longitude: fc.double({ min: 2.9, max: 4.3, noNaN: true }),
  });
  const day = fc.integer({ min: Date.UTC(2025, 0, 1) / DAY_MS, max: Date.UTC(2035, 11, 31) / DAY_MS });

  test(`the Astronomical Almanac's sun crosses the same heights within ${TOLERANCE_S} s`, () => {
    fc.assert(
      fc.property(place, day, (position, number) => {
        const sun = sunOfDay(instant(number * DAY_MS + DAY_MS / 2), position);
        const crossings = [
          { at: sun.dawnAt, height: -6, rises: 1 },
          { at: sun.sunriseAt, height: -50 / 60, rises: 1 },
          { at: sun.sunsetAt, height: -50 / 60, rises: -1 },
          { at: sun.duskAt, height: -6, rises: -1 },
        ];
        for (const { at, height, rises } of crossings) {
          const before = elevation((at ?? Number.NaN) - TOLERANCE_S * 1000, position) - height;
          const after = elevation((at ?? Number.NaN) + TOLERANCE_S * 1000, position) - height;
          expect(before * rises).toBeLessThan(0);
          expect(after * rises).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a civil night', () => {
  test('in which the clocks change ends with a sunrise of the new hour', () => {
    const { sunriseAt: spring } = sunOfNight(civilDate('2025-03-29'), LAON, PARIS);
    const { sunriseAt: autumn } = sunOfNight(civilDate('2025-10-25'), LAON, PARIS);
    expect(civilTimeOf(spring ?? instant(0), PARIS)).toMatch(/^07:2[67]/);
    expect(civilTimeOf(autumn ?? instant(0), PARIS)).toMatch(/^07:2[45]/);
  });

  test('at the pole has no sunset, and says on which side the sun stays', () => {
    const svalbard = { latitude: 78.2, longitude: 15.6 };
    expect(sunOfNight(civilDate('2026-06-21'), svalbard, PARIS)).toEqual({ sunsetAt: null, sunriseAt: null, polar: 'light' });
    expect(sunOfNight(civilDate('2026-12-21'), svalbard, PARIS)).toEqual({ sunsetAt: null, sunriseAt: null, polar: 'dark' });
  });
});
