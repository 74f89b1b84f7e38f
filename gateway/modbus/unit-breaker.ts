import type { Clock } from '#contract/ports/clock.ts';

const FAILURES_BEFORE_OPEN = 3;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * Keeps a unit that does not answer from costing the bus a time-out at each request: after three silences it is left
 * alone for 5 s, then tried once, and left alone twice as long each time, 5 minutes at most.
 */
export interface UnitBreaker {
  /** False while the unit is left alone. */
  mayTry(): boolean;
  /** Elapsed milliseconds until it is tried again; 0 when it is not left alone. */
  pauseLeftMs(): number;
  answered(): void;
  keptSilent(): void;
}

export const createUnitBreaker = (clock: Clock): UnitBreaker => {
  let silences = 0;
  let pauseMs = 0;
  let openUntil = 0;
  return {
    mayTry: () => clock.monotonicNow() >= openUntil,
    pauseLeftMs: () => Math.max(0, openUntil - clock.monotonicNow()),
    answered: () => {
      silences = 0;
      pauseMs = 0;
      openUntil = 0;
    },
    keptSilent: () => {
      silences += 1;
      if (silences < FAILURES_BEFORE_OPEN) return;
      pauseMs = pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      openUntil = clock.monotonicNow() + pauseMs;
    },
  };
};
