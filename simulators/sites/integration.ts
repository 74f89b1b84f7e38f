import { type Instant, instant } from '#domain/civil-time.ts';

/** Physics of one step of the civil clock, a minute at most, inside one minute of the wall. */
export type PhysicsStep = (from: Instant, to: Instant) => void;

export interface Integration {
  now(): Instant;
  /** Walks up to an instant in steps that end on whole minutes; false, and nothing happens, when it is in the past. */
  advanceTo(at: Instant): boolean;
}

const MINUTE_MS = 60_000;

/** The walk hardly depends on how often it is asked for: its steps end on the same whole minutes. */
export const createIntegration = (startsAt: Instant, step: PhysicsStep): Integration => {
  let now = startsAt;
  return {
    now: () => now,
    advanceTo: (at) => {
      if (at < now) return false;
      while (now < at) {
        const boundary = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
        const next = instant(Math.min(at, boundary));
        step(now, next);
        now = next;
      }
      return true;
    },
  };
};
