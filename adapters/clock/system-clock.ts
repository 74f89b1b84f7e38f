import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

export interface SystemClockOptions {
  /** Civil seconds in one elapsed second; 1 is the world's. */
  readonly speed?: number;
  /** Civil time at creation; the system's own when absent. */
  readonly civilStart?: Instant;
  /** What the machine says, milliseconds since 1970; its own clock when absent. */
  readonly machine?: () => number;
}

export interface MovableClock extends Clock {
  /** Steps the civil clock; the elapsed one goes on untouched. */
  moveCivil(to: Instant): void;
}

/** A machine whose clock says less was never set since it was switched on: this platform is younger. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);

/**
 * The machine's clock, `unknown` while it is in the past, as that of a box without a battery at its start. With `civilStart` or
 * `speed` the civil side is a simulated one and says so.
 */
export const createSystemClock = (options: SystemClockOptions = {}): MovableClock => {
  const speed = options.speed ?? 1;
  const machine = options.machine ?? Date.now;
  let simulated = options.civilStart !== undefined || speed !== 1;
  let origin: { civil: number; elapsed: number } = { civil: options.civilStart ?? machine(), elapsed: performance.now() };

  return {
    speed,
    civilNow: () => instant(simulated ? Math.round(origin.civil + (performance.now() - origin.elapsed) * speed) : machine()),
    civilState: () => {
      if (simulated) return 'simulated';
      return machine() < EARLIEST_MS ? 'unknown' : 'synchronised';
    },
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
