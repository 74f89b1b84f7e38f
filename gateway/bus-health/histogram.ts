import type { Durations } from '#contract/routes/gateway.ts';

/** Milliseconds. From a quick TCP device to the longest time-out. */
const BOUNDS_MS: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

/** Durations counted in buckets that never change, so that months take the memory of a minute. */
export class Histogram {
  readonly #counts = new Float64Array(BOUNDS_MS.length + 1);
  #sumMs = 0;

  add(durationMs: number): void {
    const found = BOUNDS_MS.findIndex((boundMs) => durationMs <= boundMs);
    const bucket = found === -1 ? BOUNDS_MS.length : found;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumMs += durationMs;
  }

  durations(): Durations {
    let count = 0;
    const buckets = [...BOUNDS_MS, null].map((upToMs, index) => {
      count += this.#counts[index] ?? 0;
      return { upToMs, count };
    });
    return { count, sumMs: this.#sumMs, buckets };
  }
}
