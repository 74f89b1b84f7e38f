import type { Instant } from '#domain/civil-time.ts';
import { instant } from '#domain/civil-time.ts';
import type { AbsoluteActivePeriod, ActivePeriod, AstroAndSensorActivePeriod } from '#domain/lighting/control-program.ts';
import type { ProgramDay } from '#domain/lighting/program-day.ts';
import { placeInDay } from '#domain/lighting/program-day.ts';
import type { SensedPeriod } from '#domain/lighting/sensor-history.ts';
import type { SunNight } from '#domain/lighting/sun.ts';

/** A stretch of a program day that an active period covers. */
export interface ActiveSpan {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** The period whose sensor decides; null when the clock and the sun alone make it active. */
  readonly sensed: SensedPeriod | null;
  /** What holds while its sensor is silent: a silent photocell gives way to the computed sun. */
  readonly whenSilent: boolean;
}

/** The sun as a program day needs it. */
export interface DaySun {
  /** The nights that it touches: one from noon to noon, two from midnight to midnight. */
  readonly nights: readonly SunNight[];
  /** Sunset and sunrise that are this day's; null where there is none. */
  readonly sunsetAt: Instant | null;
  readonly sunriseAt: Instant | null;
}

const MINUTE_MS = 60_000;

type Add = (from: number, to: number, sensed: SensedPeriod | null, whenSilent: boolean) => void;

/** Keeps what lies within the day. */
const addingTo =
  (spans: ActiveSpan[], { startAt, endAt }: ProgramDay): Add =>
  (from, to, sensed, whenSilent) => {
    const first = Math.max(from, startAt);
    const last = Math.min(to, endAt);
    if (first < last) spans.push({ from: instant(first), to: instant(last), sensed, whenSilent });
  };

/** A period that crosses the start of the day has its two ends in it; equal times are the whole day (TALQ 2.7.1). */
const addAbsolute = ({ startTime, endTime }: AbsoluteActivePeriod, day: ProgramDay, add: Add): void => {
  const from = day.instantOf(startTime);
  const to = day.instantOf(endTime);
  if (startTime === endTime) add(day.startAt, day.endAt, null, false);
  else if (placeInDay(startTime, day.dayOffset) < placeInDay(endTime, day.dayOffset)) add(from, to, null, false);
  else {
    add(day.startAt, to, null, false);
    add(from, day.endAt, null, false);
  }
};

const addAstroAndSensor = (period: AstroAndSensorActivePeriod, sunset: number, sunrise: number, add: Add): void => {
  const earliest = sunset + period.sunsetOffset * MINUTE_MS;
  const latest = sunrise + period.sunriseOffset * MINUTE_MS;
  const morning = Math.max(sunset, sunrise - period.pcActiveBeforeSunrise * MINUTE_MS);
  const addBounded: Add = (from, to, ...rest) => add(Math.max(from, earliest), Math.min(to, latest), ...rest);
  addBounded(sunset - period.pcActiveBeforeSunset * MINUTE_MS, sunset, period, false);
  addBounded(sunset, morning, null, false);
  addBounded(morning, sunrise, period, true);
  addBounded(sunrise, latest, period, false);
};

/** A sun that does not come leaves its side of the night open; under the midnight sun there is no night. */
const addNightly = (period: ActivePeriod, { sunsetAt, sunriseAt, polar }: SunNight, add: Add): void => {
  if (polar === 'light') return;
  const sunset = sunsetAt ?? Number.NEGATIVE_INFINITY;
  const sunrise = sunriseAt ?? Number.POSITIVE_INFINITY;
  switch (period.name) {
    case 'AstroClockActivePeriod':
      add(sunset + period.sunsetOffset * MINUTE_MS, sunrise + period.sunriseOffset * MINUTE_MS, null, false);
      return;
    case 'SensorActivePeriod':
      add(sunset, sunrise, period, true);
      return;
    case 'AstroAndSensorActivePeriod':
      addAstroAndSensor(period, sunset, sunrise, add);
      return;
    case 'AbsoluteActivePeriod':
    case 'ValueActivePeriod':
      return;
  }
};

const addDaily = (period: ActivePeriod, day: ProgramDay, add: Add): void => {
  switch (period.name) {
    case 'AbsoluteActivePeriod':
      addAbsolute(period, day, add);
      return;
    case 'SensorActivePeriod':
    case 'ValueActivePeriod':
      add(day.startAt, day.endAt, period, false);
      return;
    case 'AstroClockActivePeriod':
    case 'AstroAndSensorActivePeriod':
      return;
  }
};

/** Spans that are the same at every place of a zone. */
export const clockSpans = (periods: readonly ActivePeriod[], day: ProgramDay): readonly ActiveSpan[] => {
  const spans: ActiveSpan[] = [];
  const add = addingTo(spans, day);
  for (const period of periods) addDaily(period, day, add);
  return spans;
};

/** Spans that follow the sun of a place. */
export const sunSpans = (periods: readonly ActivePeriod[], day: ProgramDay, { nights }: DaySun): readonly ActiveSpan[] => {
  const spans: ActiveSpan[] = [];
  const add = addingTo(spans, day);
  for (const night of nights) for (const period of periods) addNightly(period, night, add);
  return spans;
};
