import type { Clock } from '#contract/ports/clock.ts';
import type { Instant } from '#domain/civil-time.ts';

/** How long the best comparison of the two clocks is believed. Elapsed milliseconds. */
const BELIEVED_MS = 600_000;
/** As large as a step that is an event: a smaller distance is one that a time server is correcting. */
const APART_MS = 2000;

/** How far our clock is from the centre's. An acknowledgement that came back soonest tells it best: it errs by half its journey at most. */
export class CentreOffset {
  readonly #clock: Clock;
  #best: { readonly offsetMs: number; readonly journeyMs: number; readonly at: number; readonly civilLead: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ours minus the centre's, whole milliseconds; null when nothing was compared lately or our clock is unknown. A step since then counts. */
  get offsetMs(): number | null {
    const best = this.#best;
    if (best === null || this.#clock.civilState() === 'unknown') return null;
    if (this.#clock.monotonicNow() - best.at > BELIEVED_MS) return null;
    return Math.round(best.offsetMs + this.#civilLead() - best.civilLead);
  }

  /** Whether they are apart for sure, however unequal the two ways of the journey were. */
  get isApart(): boolean {
    const { offsetMs } = this;
    return offsetMs !== null && Math.abs(offsetMs) - ((this.#best?.journeyMs ?? 0) / 2) * this.#clock.speed > APART_MS;
  }

  /** `sentAt`, monotonic: when what is acknowledged was sent. */
  compare(centreAt: Instant, sentAt: number): void {
    const now = this.#clock.monotonicNow();
    const journeyMs = now - sentAt;
    const isBetter = this.#best === null || journeyMs <= this.#best.journeyMs || now - this.#best.at > BELIEVED_MS / 2;
    if (!isBetter) return;
    const ours = this.#clock.civilNow() - (journeyMs / 2) * this.#clock.speed;
    this.#best = { offsetMs: ours - centreAt, journeyMs, at: now, civilLead: this.#civilLead() };
  }

  /** Of the civil clock over the elapsed one: changes only when the civil clock is set. */
  #civilLead(): number {
    return this.#clock.civilNow() - this.#clock.monotonicNow() * this.#clock.speed;
  }
}
