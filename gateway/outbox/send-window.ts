import type { Monotonic } from '#contract/ports/clock.ts';

const FEWEST_BATCHES = 4;
const FIRST_BATCHES = 32;
const MOST_BATCHES = 256;
/** Of the backlog, sent and not acknowledged: a slow link holds no more before a live batch. */
const MOST_BYTES = 1024 * 1024;
/** Below this an acknowledgement is prompt, and more may be on its way together. */
const PROMPT_MS = 500;
/** Above it the link or the centre is behind, and a live batch would wait as long. */
const SLOW_MS = 1000;

/** How much of the backlog may be on its way: grows while acknowledgements are prompt, halves when they are not. */
export class SendWindow {
  #batches = FIRST_BATCHES;
  #shrunkAt: Monotonic | null = null;

  /** What may be sent beside what is on its way. */
  room(batchesSent: number, bytesSent: number): { readonly batches: number; readonly bytes: number } {
    return { batches: Math.max(0, Math.floor(this.#batches) - batchesSent), bytes: Math.max(0, MOST_BYTES - bytesSent) };
  }

  acknowledged(afterMs: number, now: Monotonic): void {
    if (afterMs <= PROMPT_MS) this.#batches = Math.min(MOST_BATCHES, this.#batches + 1);
    else if (afterMs > SLOW_MS) this.late(now);
  }

  /** An acknowledgement that did not come in time, or came late. Once a second at most: those of one moment are one. */
  late(now: Monotonic): void {
    if (this.#shrunkAt !== null && now - this.#shrunkAt < SLOW_MS) return;
    this.#shrunkAt = now;
    this.#batches = Math.max(FEWEST_BATCHES, this.#batches / 2);
  }
}
