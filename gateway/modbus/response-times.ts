const KEPT_ANSWERS = 100;
/** Answers after which they tell something. */
const ENOUGH_OF_A_UNIT = 8;
const ENOUGH_OF_THE_LINE = 20;
const SHARE = 0.99;
const MARGIN = 2;
const LONGEST_TIMEOUT_MS = 2000;
/** Least that an unknown unit is given, on a line whose other units are known. */
const LEAST_FOR_A_STRANGER_MS = 300;
const SILENCES_BEFORE_STRANGER = 3;

/** Of the tries of a stranger, the one in so many that waits twice as long. */
const PATIENT_TRY = 4;

interface Unit {
  readonly recentMs: number[];
  silences: number;
}

const slowest = (recentMs: readonly number[]): number =>
  recentMs.toSorted((a, b) => a - b)[Math.ceil(recentMs.length * SHARE) - 1] ?? 0;

const keep = (recentMs: number[], ms: number): void => {
  recentMs.push(ms);
  if (recentMs.length > KEPT_ANSWERS) recentMs.shift();
};

/**
 * How long each unit of a line is waited for: twice what its recent answers took (99 in 100), between `leastMs` and 2 s.
 * Each silence doubles it, so that a unit that became slow is found again; after three the unit is a stranger, and a
 * stranger is given what the line's others need, so that a dead one costs them little.
 */
export class ResponseTimes {
  readonly #leastMs: number;
  readonly #units = new Map<number, Unit>();
  readonly #ofTheLineMs: number[] = [];

  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** `firstMs`: while nothing is known. */
  timeoutMs(unitId: number, firstMs: number): number {
    const { recentMs, silences } = this.#unit(unitId);
    const longestMs = Math.max(LONGEST_TIMEOUT_MS, firstMs);
    const knownMs = Math.max(this.#leastMs, MARGIN * slowest(recentMs));
    const usualMs = recentMs.length >= ENOUGH_OF_A_UNIT ? knownMs : this.#strangerMs(firstMs);
    const patience = silences < SILENCES_BEFORE_STRANGER ? 2 ** silences : silences % PATIENT_TRY === 0 ? 2 : 1;
    return Math.min(usualMs * patience, longestMs);
  }

  answered(unitId: number, responseMs: number): void {
    const unit = this.#unit(unitId);
    unit.silences = 0;
    keep(unit.recentMs, responseMs);
    keep(this.#ofTheLineMs, responseMs);
  }

  keptSilent(unitId: number): void {
    const unit = this.#unit(unitId);
    unit.silences += 1;
    if (unit.silences === SILENCES_BEFORE_STRANGER) unit.recentMs.length = 0;
  }

  /** Another unit has this number now. */
  forget(unitId: number): void {
    this.#units.delete(unitId);
  }

  #strangerMs(firstMs: number): number {
    if (this.#ofTheLineMs.length < ENOUGH_OF_THE_LINE) return firstMs;
    return Math.min(firstMs, Math.max(LEAST_FOR_A_STRANGER_MS, MARGIN * slowest(this.#ofTheLineMs)));
  }

  #unit(unitId: number): Unit {
    const known = this.#units.get(unitId) ?? { recentMs: [], silences: 0 };
    this.#units.set(unitId, known);
    return known;
  }
}
