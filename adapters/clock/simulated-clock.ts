import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

export interface SimulatedClock extends Clock {
  /** Moves both clocks by elapsed milliseconds, runs the timers that fall due in their order, lets promises settle between them. */
  advance(elapsedMs: number): Promise<void>;
  /** Steps the civil clock only, as a technician or a time server does. */
  stepCivil(to: Instant): void;
  /** What `civilState` answers from now on. */
  setCivilState(state: ReturnType<Clock['civilState']>): void;
}

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly call: () => void;
}

/** Turns of the event loop after each timer: enough for a chain of promises and a loopback reply to settle. */
const SETTLING_TURNS = 5;

/** A clock that moves only when a test says so. */
export const createSimulatedClock = (options: { readonly civil: Instant; readonly speed?: number }): SimulatedClock => {
  const speed = options.speed ?? 1;
  let elapsed = 0;
  let civil: number = options.civil;
  let state: ReturnType<Clock['civilState']> = 'simulated';
  let order = 0;
  const pending = new Set<Pending>();

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await nextTurn();
  };

  const moveTo = (due: number): void => {
    civil += (due - elapsed) * speed;
    elapsed = due;
  };

  const nextDue = (limit: number): Pending | undefined =>
    [...pending].filter((entry) => entry.due <= limit).sort((a, b) => a.due - b.due || a.order - b.order)[0];

  const after = (delayMs: number, call: () => void): Timer => {
    order += 1;
    const entry: Pending = { due: elapsed + Math.max(0, delayMs), order, call };
    pending.add(entry);
    return { cancel: () => void pending.delete(entry) };
  };

  return {
    speed,
    civilNow: () => instant(Math.round(civil)),
    civilState: () => state,
    monotonicNow: () => elapsed as Monotonic,
    after,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const abort = (): void => {
          timer.cancel();
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal?.reason }));
        };
        const timer = after(delayMs, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        if (signal?.aborted === true) abort();
        else signal?.addEventListener('abort', abort, { once: true });
      }),
    advance: async (elapsedMs) => {
      const limit = elapsed + elapsedMs;
      await settle();
      for (let next = nextDue(limit); next !== undefined; next = nextDue(limit)) {
        moveTo(next.due);
        pending.delete(next);
        next.call();
        await settle();
      }
      moveTo(limit);
      await settle();
    },
    stepCivil: (to) => {
      civil = to;
    },
    setCivilState: (next) => {
      state = next;
    },
  };
};
