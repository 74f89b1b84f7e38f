const SLICE_MS = 5000;
const KEPT_SLICES = 61;

/** How much of the last five minutes something was under way, in slices of 5 s. All times are elapsed milliseconds. */
export class BusyTime {
  readonly #slices = new Float64Array(KEPT_SLICES);
  readonly #startedAt: number;
  #current: number;
  #busySince: number | null = null;

  constructor(now: number) {
    this.#startedAt = now;
    this.#current = Math.floor(now / SLICE_MS);
  }

  begin(now: number): void {
    this.#moveTo(now);
    this.#busySince = now;
  }

  end(now: number): void {
    this.#moveTo(now);
    this.#busySince = null;
  }

  /** Share of the last `windowMs` (whole slices and the one that runs, since the start at most), 0 to 1. */
  share(now: number, windowMs: number): number {
    this.#moveTo(now);
    const first = Math.max(this.#current - Math.floor(windowMs / SLICE_MS), Math.floor(this.#startedAt / SLICE_MS));
    const fromMs = Math.max(first * SLICE_MS, this.#startedAt);
    if (now <= fromMs) return 0;
    let busyMs = 0;
    for (let slice = first; slice <= this.#current; slice += 1) busyMs += this.#slices[slice % KEPT_SLICES] ?? 0;
    return Math.min(1, busyMs / (now - fromMs));
  }

  /** Writes down what was busy until now and empties the slices that come into use again. */
  #moveTo(now: number): void {
    const slice = Math.floor(now / SLICE_MS);
    const oldest = Math.max(this.#current, slice - KEPT_SLICES + 1);
    for (let each = oldest; each <= slice; each += 1) {
      if (each > this.#current) this.#slices[each % KEPT_SLICES] = 0;
      if (this.#busySince === null) continue;
      const busyMs = Math.min(now, (each + 1) * SLICE_MS) - Math.max(this.#busySince, each * SLICE_MS);
      if (busyMs > 0) this.#slices[each % KEPT_SLICES] = (this.#slices[each % KEPT_SLICES] ?? 0) + busyMs;
    }
    this.#current = slice;
    if (this.#busySince !== null) this.#busySince = now;
  }
}
