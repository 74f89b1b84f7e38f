import { requestedUnits, wholeExchangesFrom } from './rtu-frames.ts';

/** Two of the longest frames. */
const MOST_OVERHEARD_BYTES = 512;

/** What other masters say on a line, and how long it is to be left to them and to the units that they asked. */
export class OtherMasters {
  #overheard: Buffer = Buffer.alloc(0);
  #heldUntil = Number.NEGATIVE_INFINITY;
  /** When each unit that was asked and has not answered may be spoken to: of what is overheard now, and of what was before. */
  #owedNow: ReadonlyMap<number, number> = new Map();
  readonly #owedBefore = new Map<number, number>();

  /**
   * Bytes that nobody here asked for. The line is theirs for `holdMs` more, unless these end an exchange. A unit that was
   * asked without an answer is theirs twice as long: a master that asked it again may have been answered late, and be
   * answered once more.
   */
  hear(bytes: Buffer, now: number, holdMs: number): void {
    if (now >= this.#heldUntil) this.forget();
    this.#overheard = Buffer.concat([this.#overheard, bytes]).subarray(-MOST_OVERHEARD_BYTES);
    const exchangesFrom = wholeExchangesFrom(this.#overheard);
    this.#heldUntil = now + (exchangesFrom === null ? holdMs : 0);
    const unanswered = this.#overheard.subarray(0, exchangesFrom ?? this.#overheard.length);
    this.#owedNow = new Map(requestedUnits(unanswered).map((unitId) => [unitId, now + 2 * holdMs]));
  }

  /** What follows belongs to nothing that was heard until now. */
  forget(): void {
    if (this.#overheard.length === 0) return;
    this.#overheard = Buffer.alloc(0);
    for (const [unitId, until] of this.#owedNow) this.#owedBefore.set(unitId, until);
    this.#owedNow = new Map();
  }

  /** Monotonic: from when on a unit may be spoken to. */
  freeAt(unitId: number): number {
    const owedUntil = this.#owedNow.get(unitId) ?? this.#owedBefore.get(unitId) ?? Number.NEGATIVE_INFINITY;
    return Math.max(this.#heldUntil, owedUntil);
  }
}
