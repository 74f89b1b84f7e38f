import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import { elapsedStamp } from '#gateway/outbox/elapsed-stamp.ts';

/** Both clocks at once. */
export interface Moment {
  readonly civil: Instant;
  readonly elapsed: Monotonic;
  readonly isKnown: boolean;
  readonly speed: number;
}

export const readMoment = (clock: Clock): Moment => ({
  civil: clock.civilNow(),
  elapsed: clock.monotonicNow(),
  isKnown: clock.civilState() !== 'unknown',
  speed: clock.speed,
});

/** Larger than what reading two clocks one after the other makes them differ, smaller than any step that matters. */
const STEP_MS = 100;

/**
 * When a reading was taken, between two moments. `at`: by the civil clock, null when nothing was answered, and then it is
 * when it was asked. A civil clock that was set meanwhile is believed as it is now; while it is unknown the instant is an elapsed
 * stamp.
 */
export const instantOf = (at: Instant | null, before: Moment, after: Moment): Instant => {
  const elapsed = after.elapsed - before.elapsed;
  const hasStepped = Math.abs(after.civil - before.civil - elapsed * after.speed) > STEP_MS * after.speed;
  if (!hasStepped && before.isKnown && after.isKnown) return at ?? before.civil;
  const inside = at === null ? 0 : hasStepped ? elapsed / 2 : (at - before.civil) / after.speed;
  const takenAt = (before.elapsed + inside) as Monotonic;
  if (!after.isKnown) return elapsedStamp(takenAt, after.speed);
  return instant(Math.round(after.civil - (after.elapsed - takenAt) * after.speed));
};
