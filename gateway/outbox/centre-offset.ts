import type { Clock } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

/** How long the best comparison of the two clocks is believed. Elapsed milliseconds. */
const BELIEVED_MS = 600_000;

/** How far our clock is from the centre's. An acknowledgement that came back soonest tells it best: it errs by half its journey at most. */
export class CentreOffset {
  readonly #clock: Clock;
  #best: { readonly offsetMs: number; readonly journeyMs: number; readonly at: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ours minus the centre's, milliseconds; null when nothing was compared lately or our clock is unknown. */
  get offsetMs(): number | null {
    const best = this.#best;
    if (best === null || this.#clock.civilState() === 'unknown') return null;
    return this.#clock.monotonicNow() - best.at > BELIEVED_MS ? null : best.offsetMs;
  }

  /** `sentAt`, monotonic: when what is acknowledged was sent. */
  compare(centreAt: Instant, sentAt: number): void {
    const now = this.#clock.monotonicNow();
    const journeyMs = now - sentAt;
    const ours = instant(Math.round(this.#clock.civilNow() - (journeyMs / 2) * this.#clock.speed));
    const isBetter = this.#best === null || journeyMs <= this.#best.journeyMs || now - this.#best.at > BELIEVED_MS / 2;
    if (isBetter) this.#best = { offsetMs: ours - centreAt, journeyMs, at: now };
  }

  /** A step of our clock makes what was compared before it worthless. */
  forget(): void {
    this.#best = null;
  }
}
