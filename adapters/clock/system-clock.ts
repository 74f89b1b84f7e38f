import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

export interface SystemClockOptions {
  /** Civil seconds in one elapsed second; 1 is the world's. */
  readonly speed?: number;
  /** Civil time at creation; the system's own when absent. */
  readonly civilStart?: Instant;
}

export interface MovableClock extends Clock {
  /** Steps the civil clock; the elapsed one goes on untouched. */
  moveCivil(to: Instant): void;
}

/** The machine's clock; with `civilStart` or `speed` the civil side is a simulated one and says so. */
export const createSystemClock = (options: SystemClockOptions = {}): MovableClock => {
  const speed = options.speed ?? 1;
  let simulated = options.civilStart !== undefined || speed !== 1;
  let origin: { civil: number; elapsed: number } = { civil: options.civilStart ?? Date.now(), elapsed: performance.now() };

  return {
    speed,
    civilNow: () => instant(simulated ? Math.round(origin.civil + (performance.now() - origin.elapsed) * speed) : Date.now()),
    civilState: () => (simulated ? 'simulated' : 'synchronised'),
    monotonicNow: () => performance.now() as Monotonic,
    after: (delayMs, call): Timer => {
      const timer = setTimeout(call, delayMs).unref();
      return { cancel: () => clearTimeout(timer) };
    },
    sleep: async (delayMs, signal) => {
      await sleepFor(delayMs, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
    },
    moveCivil: (to) => {
      simulated = true;
      origin = { civil: to, elapsed: performance.now() };
    },
  };
};
