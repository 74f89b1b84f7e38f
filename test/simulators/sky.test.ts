import * as suncalc from 'suncalc';
import { describe, expect, test } from 'vitest';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { createSky, sunElevation } from '#simulators/devices/sky.ts';

const LAON = { latitude: 49.564, longitude: 3.62 };

describe('the sky over Laon', () => {
  test('its sun stands where an independent almanac puts it', () => {
    for (let hour = 0; hour < 24 * 365; hour += 37) {
      const at = instant(parseInstant('2026-01-01T00:00:00Z') + hour * 3_600_000);
      const { altitude } = suncalc.getPosition(new Date(at), LAON.latitude, LAON.longitude);
      const refraction = altitude > 15 ? 0.1 : 0.6;
      expect(Math.abs(sunElevation(at, LAON) - altitude)).toBeLessThan(refraction);
    }
  });

  test('noon is thousands of lux, night is the glow of the street, dusk is in between', () => {
    const sky = createSky(LAON, 1);
    expect(sky.illuminanceLx(parseInstant('2026-12-15T11:45:00Z'))).toBeGreaterThan(1000);
    expect(sky.illuminanceLx(parseInstant('2026-12-15T23:00:00Z'))).toBeLessThan(1);
    const dusk = sky.illuminanceLx(parseInstant('2026-12-15T16:10:00Z'));
    expect(dusk).toBeGreaterThan(1);
    expect(dusk).toBeLessThan(400);
  });

  test('the same instant always has the same weather, and summer is warmer', () => {
    const july = parseInstant('2026-07-15T14:00:00Z');
    expect(createSky(LAON, 1).temperatureC(july)).toBe(createSky(LAON, 1).temperatureC(july));
    expect(createSky(LAON, 1).temperatureC(july)).toBeGreaterThan(
      createSky(LAON, 1).temperatureC(parseInstant('2026-01-15T14:00:00Z')),
    );
  });
});
