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

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly sensed: SensedPeriod | null;
  readonly whenSilent: boolean;
}

const FIXED = { sensed: null, whenSilent: false } as const;

/** A period that crosses the start of the day has its two ends in it; equal times are the whole day (TALQ 2.7.1). */
const absoluteStretches = ({ startTime, endTime }: AbsoluteActivePeriod, day: ProgramDay): readonly Stretch[] => {
  if (startTime === endTime) return [{ from: day.startAt, to: day.endAt, ...FIXED }];
  const from = day.instantOf(startTime);
  const to = day.instantOf(endTime);
  if (placeInDay(startTime, day.dayOffset) < placeInDay(endTime, day.dayOffset)) return [{ from, to, ...FIXED }];
  return [
    { from: day.startAt, to, ...FIXED },
    { from, to: day.endAt, ...FIXED },
  ];
};

/** Bounds of a dark night; a sun that does not come leaves its side open. Null under the midnight sun. */
const darknessOf = ({ sunsetAt, sunriseAt, polar }: SunNight): { readonly sunset: number; readonly sunrise: number } | null =>
  polar === 'light' ? null : { sunset: sunsetAt ?? Number.NEGATIVE_INFINITY, sunrise: sunriseAt ?? Number.POSITIVE_INFINITY };

const astroAndSensorStretches = (period: AstroAndSensorActivePeriod, sunset: number, sunrise: number): readonly Stretch[] => {
  const evening = sunset - period.pcActiveBeforeSunset * MINUTE_MS;
  const morning = Math.max(sunset, sunrise - period.pcActiveBeforeSunrise * MINUTE_MS);
  const earliest = sunset + period.sunsetOffset * MINUTE_MS;
  const latest = sunrise + period.sunriseOffset * MINUTE_MS;
  const stretches: readonly Stretch[] = [
    { from: evening, to: sunset, sensed: period, whenSilent: false },
    { from: sunset, to: morning, ...FIXED },
    { from: morning, to: sunrise, sensed: period, whenSilent: true },
    { from: sunrise, to: latest, sensed: period, whenSilent: false },
  ];
  return stretches.map((one) => ({ ...one, from: Math.max(one.from, earliest), to: Math.min(one.to, latest) }));
};

const nightlyStretches = (period: ActivePeriod, night: SunNight): readonly Stretch[] => {
  const dark = darknessOf(night);
  if (dark === null) return [];
  const { sunset, sunrise } = dark;
  switch (period.name) {
    case 'AstroClockActivePeriod':
      return [{ from: sunset + period.sunsetOffset * MINUTE_MS, to: sunrise + period.sunriseOffset * MINUTE_MS, ...FIXED }];
    case 'SensorActivePeriod':
      return [{ from: sunset, to: sunrise, sensed: period, whenSilent: true }];
    case 'AstroAndSensorActivePeriod':
      return astroAndSensorStretches(period, sunset, sunrise);
    case 'AbsoluteActivePeriod':
    case 'ValueActivePeriod':
      return [];
  }
};

const dailyStretches = (period: ActivePeriod, day: ProgramDay): readonly Stretch[] => {
  switch (period.name) {
    case 'AbsoluteActivePeriod':
      return absoluteStretches(period, day);
    case 'SensorActivePeriod':
    case 'ValueActivePeriod':
      return [{ from: day.startAt, to: day.endAt, sensed: period, whenSilent: false }];
    case 'AstroClockActivePeriod':
    case 'AstroAndSensorActivePeriod':
      return [];
  }
};

const clipped = (stretches: readonly Stretch[], day: ProgramDay): readonly ActiveSpan[] => {
  const spans: ActiveSpan[] = [];
  for (const { from, to, sensed, whenSilent } of stretches) {
    const first = Math.max(from, day.startAt);
    const last = Math.min(to, day.endAt);
    if (first < last) spans.push({ from: instant(first), to: instant(last), sensed, whenSilent });
  }
  return spans;
};

/** Spans that are the same at every place of a zone. */
export const clockSpans = (periods: readonly ActivePeriod[], day: ProgramDay): readonly ActiveSpan[] =>
  clipped(
    periods.flatMap((period) => dailyStretches(period, day)),
    day,
  );

/** Spans that follow the sun of a place. */
export const sunSpans = (periods: readonly ActivePeriod[], day: ProgramDay, { nights }: DaySun): readonly ActiveSpan[] =>
  clipped(
    nights.flatMap((night) => periods.flatMap((period) => nightlyStretches(period, night))),
    day,
  );
