import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

/**
 * While the civil clock is unknown, an instant is written as 1970 plus the time since the gateway started: what it really was is
 * found when the clock becomes known. No civil instant of ours is before 2000, so that the two are never taken for each other.
 */
export const isElapsedStamp = (at: string): boolean => at < '2000';

export const elapsedStamp = (elapsed: Monotonic, speed: number): Instant => instant(Math.round(elapsed * speed));

/** Now, as it may be written in a batch. */
export const stampNow = (clock: Clock): Instant =>
  clock.civilState() === 'unknown' ? elapsedStamp(clock.monotonicNow(), clock.speed) : clock.civilNow();
