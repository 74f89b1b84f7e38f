const KEPT_ANSWERS = 100;
/** Answers after which they tell something. */
const ENOUGH_OF_A_UNIT = 8;
const ENOUGH_OF_THE_LINE = 20;
const MARGIN = 2;
const LONGEST_TIMEOUT_MS = 2000;
/** Least that an unknown unit is given, on a line whose other units are known. */
const LEAST_FOR_A_STRANGER_MS = 300;
const SILENCES_BEFORE_STRANGER = 3;

/** Of the tries of a stranger, the one in so many that waits twice as long. */
const PATIENT_TRY = 4;

/** The last answers, in any order. */
class RecentTimes {
  readonly #ms: number[] = [];
  #next = 0;

  get count(): number {
    return this.#ms.length;
  }

  add(ms: number): void {
    this.#ms[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT_ANSWERS;
  }

  /** What 99 in 100 of them took at most: of a hundred, the slowest does not count. Asked before every request. */
  slowestMs(): number {
    let slowest = 0;
    let second = 0;
    for (const ms of this.#ms) {
      if (ms > slowest) {
        second = slowest;
        slowest = ms;
      } else if (ms > second) second = ms;
    }
    return this.#ms.length === KEPT_ANSWERS ? second : slowest;
  }

  clear(): void {
    this.#ms.length = 0;
    this.#next = 0;
  }
}

interface Unit {
  readonly recent: RecentTimes;
  silences: number;
}

/**
 * How long each unit of a line is waited for: twice what its recent answers took (99 in 100), between `leastMs` and 2 s.
 * Each silence doubles it, so that a unit that became slow is found again; after three the unit is a stranger, and a
 * stranger is given what the line's others need, so that a dead one costs them little.
 */
export class ResponseTimes {
  readonly #leastMs: number;
  readonly #units = new Map<number, Unit>();
  readonly #ofTheLine = new RecentTimes();

  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** `firstMs`: while nothing is known. */
  timeoutMs(unitId: number, firstMs: number): number {
    const { recent, silences } = this.#unit(unitId);
    const longestMs = Math.max(LONGEST_TIMEOUT_MS, firstMs);
    const knownMs = Math.max(this.#leastMs, MARGIN * recent.slowestMs());
    const usualMs = recent.count >= ENOUGH_OF_A_UNIT ? knownMs : this.#strangerMs(firstMs);
    const patience = silences < SILENCES_BEFORE_STRANGER ? 2 ** silences : silences % PATIENT_TRY === 0 ? 2 : 1;
    return Math.min(usualMs * patience, longestMs);
  }

  answered(unitId: number, responseMs: number): void {
    const unit = this.#unit(unitId);
    unit.silences = 0;
    unit.recent.add(responseMs);
    this.#ofTheLine.add(responseMs);
  }

  keptSilent(unitId: number): void {
    const unit = this.#unit(unitId);
    unit.silences += 1;
    if (unit.silences === SILENCES_BEFORE_STRANGER) unit.recent.clear();
  }

  /** Another unit has this number now. */
  forget(unitId: number): void {
    this.#units.delete(unitId);
  }

  #strangerMs(firstMs: number): number {
    if (this.#ofTheLine.count < ENOUGH_OF_THE_LINE) return firstMs;
    return Math.min(firstMs, Math.max(LEAST_FOR_A_STRANGER_MS, MARGIN * this.#ofTheLine.slowestMs()));
  }

  #unit(unitId: number): Unit {
    const known = this.#units.get(unitId) ?? { recent: new RecentTimes(), silences: 0 };
    this.#units.set(unitId, known);
    return known;
  }
}
