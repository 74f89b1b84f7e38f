import type { Clock, Timer } from '#contract/ports/clock.ts';

/**
 * Calls when `delayMs` have passed in which this process could listen. A process that was held up hears of the end of the
 * delay before it hears of what came meanwhile: the time it was late, `delayMs` at most, is given again.
 */
export const deadline = (clock: Clock, delayMs: number, call: () => void): Timer => {
  const dueAt = clock.monotonicNow() + delayMs;
  let timer = clock.after(delayMs, () => {
    const lateMs = Math.max(0, clock.monotonicNow() - dueAt);
    timer = clock.after(Math.min(lateMs, delayMs), call);
  });
  return { cancel: () => timer.cancel() };
};
