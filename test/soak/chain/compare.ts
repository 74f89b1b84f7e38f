import type { SeriesValue } from '#contract/ports/time-series-store.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { instantInReplay, pointName, type Replay, replayedValue, valuesPerBatch } from './replay.ts';
import type { StoredSeries, StoreReader } from './store-reader.ts';

export interface Comparison {
  readonly expected: number;
  /** Values found in the store. */
  readonly found: number;
  readonly lost: number;
  readonly doubled: number;
  /** There with another value or quality. */
  readonly wrong: number;
  /** At an instant at which nothing was read. */
  readonly invented: number;
  /** A few of those that are not as they ought to be. */
  readonly examples: readonly string[];
}

type Mistake = 'lost' | 'doubled' | 'wrong' | 'invented';

const EXAMPLES = 10;

/** Each value that was to be there has one place; what is found is counted in its place. */
class Ledger {
  readonly #replay: Replay;
  readonly #mistakes: Record<Mistake, number> = { lost: 0, doubled: 0, wrong: 0, invented: 0 };
  readonly #examples: string[] = [];
  #found = 0;

  constructor(replay: Replay) {
    this.#replay = replay;
  }

  enter({ point, quantity, values }: StoredSeries): void {
    const counts = new Uint8Array(this.#replay.batches);
    const name = `${pointName(point)} ${quantity}`;
    for (const stored of values) {
      this.#found += 1;
      const batch = this.#batchOf(point, stored);
      if (batch === null) {
        this.#note('invented', `${name} ${formatInstant(stored.at)}`);
        continue;
      }
      counts[batch] = (counts[batch] ?? 0) + 1;
      const { value, quality } = replayedValue(point, quantity, batch);
      if (value !== stored.value || quality !== stored.quality)
        this.#note('wrong', `${name}, batch ${batch}: ${stored.value} ${stored.quality} for ${value} ${quality}`);
    }
    for (const [batch, count] of counts.entries()) {
      if (count === 0) this.#note('lost', `${name}, batch ${batch}`);
      if (count > 1) this.#note('doubled', `${name}, batch ${batch}`);
    }
  }

  balance(): Comparison {
    const expected = this.#replay.batches * valuesPerBatch(this.#replay);
    return { expected, found: this.#found, ...this.#mistakes, examples: this.#examples };
  }

  #batchOf(point: number, { at }: SeriesValue): number | null {
    const batch = (at - instantInReplay(this.#replay, 0, point)) / this.#replay.batchMs;
    return Number.isInteger(batch) && batch >= 0 && batch < this.#replay.batches ? batch : null;
  }

  #note(mistake: Mistake, what: string): void {
    this.#mistakes[mistake] += 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(`${mistake}: ${what}`);
  }
}

/** Every value one by one: there once, as it was read, and nothing beside. */
export const compareStore = async (replay: Replay, store: StoreReader): Promise<Comparison> => {
  const ledger = new Ledger(replay);
  for await (const series of store.all()) ledger.enter(series);
  return ledger.balance();
};
