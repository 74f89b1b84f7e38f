/** Answers in a row, none sooner than the wire carries it, after which a line is known to be a wire of its stated speed. */
const ANSWERS_OF_A_WIRE = 20;
/** Answers in a row that came sooner, after which it is known not to be. */
const ANSWERS_OF_NONE = 3;
/** The clock of a unit is not exact, nor are timers. */
const CLOCK_SHARE = 0.95;
const ALLOWANCE_MS = 2;

/**
 * Knows a line by the pace of its answers. On a wire none is complete before its request and itself have passed at the
 * line's speed: one that is was sent for an earlier request, and waited in an adapter or a network. A pseudo-terminal, or
 * a device server whose line is faster than its gateway was told, has no such pace, and is not held to it.
 */
export class WirePace {
  #inARow = 0;
  #soonerInARow = 0;

  /** Whether an answer complete `tookMs` after its request left may be that request's, when the wire takes `wireMs` for both. */
  allows(tookMs: number, wireMs: number): boolean {
    if (tookMs >= wireMs * CLOCK_SHARE - ALLOWANCE_MS) {
      this.#inARow += 1;
      this.#soonerInARow = 0;
      return true;
    }
    this.#soonerInARow += 1;
    if (this.#inARow < ANSWERS_OF_A_WIRE || this.#soonerInARow >= ANSWERS_OF_NONE) this.#inARow = 0;
    return this.#inARow === 0;
  }
}
