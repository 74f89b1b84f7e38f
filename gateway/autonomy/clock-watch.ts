import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { Journal } from '#gateway/outbox/journal.ts';

/** A smaller difference is how a time server usually corrects a clock. */
const STEP_MS = 2000;

/** Says when the civil clock steps: readings around it have instants that do not follow each other. A simulated clock steps at will. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #logger: Logger;
  #last: { readonly civil: number; readonly elapsed: number } | null = null;

  constructor(clock: Clock, journal: Journal, logger: Logger) {
    this.#clock = clock;
    this.#journal = journal;
    this.#logger = logger;
  }

  look(): void {
    const now = { civil: this.#clock.civilNow(), elapsed: this.#clock.monotonicNow() };
    const last = this.#last;
    this.#last = now;
    if (last === null || this.#clock.civilState() === 'simulated') return;
    const steppedMs = Math.round(now.civil - last.civil - (now.elapsed - last.elapsed) * this.#clock.speed);
    if (Math.abs(steppedMs) < STEP_MS) return;
    this.#logger.warn('clock-stepped', { byMs: steppedMs });
    this.#journal.event('clock-stepped', null, { byMs: steppedMs });
  }
}
