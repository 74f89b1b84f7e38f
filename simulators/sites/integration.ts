import { type Instant, instant } from '#domain/civil-time.ts';

/** Physics of one step of the civil clock; never longer than a minute unless a month or more is caught up. */
export type PhysicsStep = (from: Instant, to: Instant) => void;

export interface Integration {
  now(): Instant;
  /** Walks up to an instant in steps that end on whole minutes; false, and nothing happens, when it is in the past. */
  advanceTo(at: Instant): boolean;
}

const MINUTE_MS = 60_000;
const COARSE_MS = 15 * MINUTE_MS;
const MONTH_MS = 31 * 86_400_000;

/**
 * The walk does not depend on how often it is asked for: its steps end on the same whole minutes. After a month or more without
 * running (a field found again), it walks by quarters of an hour so that the start stays short.
 */
export const createIntegration = (startsAt: Instant, step: PhysicsStep): Integration => {
  let now = startsAt;
  return {
    now: () => now,
    advanceTo: (at) => {
      if (at < now) return false;
      const longestMs = at - now > MONTH_MS ? COARSE_MS : MINUTE_MS;
      while (now < at) {
        const boundary = (Math.floor(now / longestMs) + 1) * longestMs;
        const next = instant(Math.min(at, boundary));
        step(now, next);
        now = next;
      }
      return true;
    },
  };
};
