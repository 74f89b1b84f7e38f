import { appendFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Ack } from '#contract/messages/ack.ts';
import { ackOf, type OutboxBench, openOutboxBench, type Run, readingAt, segmentsIn } from './outbox-under-test.ts';

type Step =
  | { readonly do: 'append'; readonly count: number }
  | { readonly do: 'link'; readonly isUp: boolean }
  | { readonly do: 'disk'; readonly refuses: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'kill'; readonly isMidway: boolean; readonly tail: number };

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('link' as const), isUp: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('disk' as const), refuses: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15_000 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('kill' as const),
        isMidway: fc.boolean(),
        tail: fc.integer({ min: 0, max: 40 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
);

/** What becomes of batch number i: lost before it is stored, stored and not acknowledged, or acknowledged at once, twice, or late and so out of order. */
type Fate = 'lost' | 'unsaid' | 'now' | 'twice' | 'late';
const fates = fc.array(fc.constantFrom<Fate[]>('lost', 'unsaid', 'now', 'twice', 'late'), { minLength: 1, maxLength: 20 });

/** The outbox as a list: what was put on the disk must arrive, and a number always means the same. */
class Model {
  readonly #bench: OutboxBench;
  readonly #must = new Set<string>();
  #value = 0;
  #run: Run;
  #isUp = true;

  constructor(bench: OutboxBench, run: Run) {
    this.#bench = bench;
    this.#run = run;
  }

  async take(step: Step): Promise<void> {
    const { disk } = this.#bench;
    if (step.do === 'wait') await this.#bench.advance(step.ms, Math.max(1, Math.ceil(step.ms / 3)));
    else if (step.do === 'disk') disk.refuses = step.refuses ? 'ENOSPC' : null;
    else if (step.do === 'link') this.#setLink(step.isUp);
    else if (step.do === 'append') for (let count = 0; count < step.count; count += 1) await this.#append();
    else await this.#kill(step);
  }

  async settle(): Promise<void> {
    this.#bench.disk.refuses = null;
    this.#bench.onBatch = (batch, acknowledge) => acknowledge(ackOf(batch));
    this.#setLink(true);
    await this.#bench.advanceUntil('all is acknowledged', () => this.#run.outbox.depth === 0, 600_000);
  }

  check(): void {
    const contents = new Map<string, string>();
    const arrived = new Set<string>();
    for (const { batch } of this.#bench.arrivals) {
      const { boot, seq, readings } = batch;
      const text = JSON.stringify(readings);
      expect(contents.get(`${boot}/${seq}`) ?? text).toBe(text);
      contents.set(`${boot}/${seq}`, text);
      for (const { values } of readings) arrived.add(String(values.activeEnergyWh));
    }
    expect([...this.#must].filter((value) => !arrived.has(value))).toEqual([]);
    expect([...contents.values()].length).toBe(new Set(contents.values()).size);
  }

  #setLink(isUp: boolean): void {
    if (isUp !== this.#isUp) this.#bench.link(isUp);
    this.#isUp = isUp;
  }

  async #append(): Promise<void> {
    const { value, written } = this.#begin();
    const isRefused = this.#bench.disk.refuses !== null;
    await written;
    if (!isRefused) this.#must.add(value);
  }

  #begin() {
    this.#value += 1;
    const value = this.#value;
    const reading = readingAt('point-a', this.#bench.clock.civilNow(), { activeEnergyWh: value });
    return { value: String(value), written: this.#run.outbox.append({ readings: [reading] }) };
  }

  async #kill({ isMidway, tail }: Extract<Step, { do: 'kill' }>): Promise<void> {
    const { disk } = this.#bench;
    if (isMidway) void this.#begin().written.catch(() => undefined);
    await this.#bench.kill(async (folder) => {
      const last = (await segmentsIn(folder)).at(-1);
      if (last !== undefined && tail > 0) await appendFile(last, Buffer.alloc(tail, 7));
    });
    disk.refuses = null;
    this.#run = await this.#bench.boot();
    this.#isUp = true;
  }
}

const obeyFates = (bench: OutboxBench, list: readonly Fate[]): void => {
  let count = 0;
  bench.onBatch = (batch, acknowledge) => {
    const fate = list[count % list.length];
    count += 1;
    if (fate === 'lost') bench.arrivals.pop();
    if (fate === 'lost' || fate === 'unsaid') return;
    const ack: Ack = ackOf(batch);
    if (fate === 'late') bench.clock.after(12_000, () => acknowledge(ack));
    else acknowledge(ack);
    if (fate === 'twice') acknowledge(ack);
  };
};

describe('an outbox, whatever happens to its link, its disk, its acknowledgements and its power', () => {
  test('loses nothing that was on the disk and gives no number two meanings', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fates, async (list, acks) => {
        const bench = await openOutboxBench();
        try {
          obeyFates(bench, acks);
          const model = new Model(bench, await bench.boot());
          for (const step of list) await model.take(step);
          await model.settle();
          model.check();
        } finally {
          await bench.close();
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});
