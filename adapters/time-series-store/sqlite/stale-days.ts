import type { Privacy, StaleHours } from '#contract/ports/time-series-store.ts';
import { instant } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import { dayOf, hourBit, hoursIn } from './slots.ts';

/** One day of a point as the file keeps it: hours are a mask of 24 bits. */
export interface StaleDayRow {
  readonly point: string;
  readonly privacy: string;
  readonly day: number;
  readonly hours: number;
  readonly revision: number;
}

export const staleHoursOf = ({ point, privacy, day, hours, revision }: StaleDayRow): StaleHours => ({
  point: point as PointId,
  privacy: privacy as Privacy,
  hours: hoursIn(day, hours).map(instant),
  revision,
});

export const staleRowOf = ({ point, privacy, hours, revision }: StaleHours): StaleDayRow => ({
  point,
  privacy,
  day: dayOf(hours[0] ?? 0),
  hours: hours.reduce((mask, at) => mask | hourBit(at), 0),
  revision,
});
