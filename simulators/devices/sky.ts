import type { Instant } from '#domain/civil-time.ts';
import { seedOf, wander } from './seeded-random.ts';

const DAY_MS = 86_400_000;
const J2000 = Date.UTC(2000, 0, 1, 12);
const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Height of the sun's centre above the horizon, in degrees, without refraction; within about 0.02° in this century (Astronomical Almanac's low-precision formulas). */
export const sunElevation = (at: Instant, { latitude, longitude }: Place): number => {
  const days = (at - J2000) / DAY_MS;
  const meanLongitude = 280.46 + 0.9856474 * days;
  const anomaly = radians(357.528 + 0.9856003 * days);
  const ecliptic = radians(meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly));
  const obliquity = radians(23.439 - 0.0000004 * days);
  const declination = Math.asin(Math.sin(obliquity) * Math.sin(ecliptic));
  const rightAscension = Math.atan2(Math.cos(obliquity) * Math.sin(ecliptic), Math.cos(ecliptic));
  const siderealDegrees = 280.46062 + 360.98564737 * days + longitude;
  const hourAngle = radians(siderealDegrees) - rightAscension;
  const lat = radians(latitude);
  return degrees(Math.asin(Math.sin(lat) * Math.sin(declination) + Math.cos(lat) * Math.cos(declination) * Math.cos(hourAngle)));
};

/** Clear-sky horizontal illuminance in lx by height of the sun in degrees; orders of magnitude of common twilight tables. */
const CLEAR_SKY: readonly (readonly [number, number])[] = [
  [-18, 0.002],
  [-12, 0.01],
  [-6, 3.5],
  [-4, 25],
  [-2, 150],
  [0, 650],
  [5, 5500],
  [10, 12000],
  [20, 31000],
  [40, 73000],
  [65, 105000],
  [90, 120000],
];

const clearSkyLx = (elevation: number): number => {
  const above = CLEAR_SKY.findIndex(([height]) => height >= elevation);
  const [highHeight, highLx] = CLEAR_SKY[above < 0 ? CLEAR_SKY.length - 1 : above] ?? [90, 120000];
  const [lowHeight, lowLx] = CLEAR_SKY[above - 1] ?? [highHeight, highLx];
  if (above <= 0) return highLx;
  const share = (elevation - lowHeight) / (highHeight - lowHeight);
  return lowLx * (highLx / lowLx) ** share;
};

/** The sky over one place: its clouds and its temperature are seeded, so the same instant always has the same weather. */
export interface Sky {
  /** Of a sensor that looks up from a column: never quite dark in a lit street. */
  illuminanceLx(at: Instant): number;
  temperatureC(at: Instant): number;
}

const STREET_GLOW_LX = 0.4;

export const createSky = (place: Place, seed: number): Sky => {
  const clouds = seedOf(seed, 'clouds');
  const patches = seedOf(seed, 'patches');
  const weather = seedOf(seed, 'weather');

  return {
    illuminanceLx: (at) => {
      const cover = 0.5 + 0.35 * wander(clouds, at / (6 * 3_600_000)) + 0.12 * wander(patches, at / 300_000);
      return STREET_GLOW_LX + clearSkyLx(sunElevation(at, place)) * (1 - 0.8 * Math.max(0, Math.min(1, cover)));
    },
    temperatureC: (at) => {
      const season = Math.cos((2 * Math.PI * (at / DAY_MS - 200)) / 365.25);
      const hour = Math.cos(2 * Math.PI * (((at / DAY_MS + place.longitude / 360) % 1) - 15 / 24));
      return 11 + 8 * season + 3.5 * hour + 4 * wander(weather, at / (3 * DAY_MS));
    },
  };
};
