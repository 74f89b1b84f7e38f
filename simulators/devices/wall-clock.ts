import { Temporal } from 'temporal-polyfill';
import { type Instant, instant, type TimeZone } from '#domain/civil-time.ts';

/** A change of hour: what is to be added to UTC before and after it. */
export interface HourChange {
  readonly at: Instant;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** The clock on the wall of a zone, fast enough to be asked at every step of the physics. */
export interface WallClock {
  /** Minutes, with their fraction, of the wall since 1970-01-01T00:00 on that wall. */
  minutesAt(at: Instant): number;
  /** Changes of hour after the origin and up to an instant, oldest first. */
  changesUpTo(at: Instant): readonly HourChange[];
}

const offsetMs = (zoned: Temporal.ZonedDateTime): number => zoned.offsetNanoseconds / 1e6;

/** From an origin on: an earlier instant is read with the offset in force at the origin. */
export const createWallClock = (zone: TimeZone, origin: Instant): WallClock => {
  const changes: HourChange[] = [];
  let last = Temporal.Instant.fromEpochMilliseconds(origin).toZonedDateTimeISO(zone);
  let next = last.getTimeZoneTransition('next');
  const firstOffsetMs = offsetMs(last);

  const foresee = (at: Instant): void => {
    while (next !== null && next.epochMilliseconds <= at) {
      changes.push({ at: instant(next.epochMilliseconds), beforeMs: offsetMs(last), afterMs: offsetMs(next) });
      last = next;
      next = next.getTimeZoneTransition('next');
    }
  };

  const offsetAt = (at: Instant): number => {
    foresee(at);
    for (let place = changes.length - 1; place >= 0; place -= 1) {
      const change = changes[place];
      if (change !== undefined && change.at <= at) return change.afterMs;
    }
    return firstOffsetMs;
  };

  return {
    minutesAt: (at) => (at + offsetAt(at)) / 60_000,
    changesUpTo: (at) => {
      foresee(at);
      return (changes.at(-1)?.at ?? at) <= at ? changes : changes.filter((change) => change.at <= at);
    },
  };
};
