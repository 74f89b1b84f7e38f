import { setTimeout as pause } from 'node:timers/promises';
import type { Ack } from '#contract/messages/ack.ts';
import type { Replay } from './replay.ts';
import { batchesOnDisk } from './segment-reader.ts';
import type { StoreReader } from './store-reader.ts';
import { hearTestimony, type Testimony } from './witness.ts';

export interface CustodyPlaces {
  readonly replay: Replay;
  readonly openStore: () => Promise<StoreReader>;
  /** The gateway's, with its testimony and its outbox. */
  readonly folder: string;
}

const LOOK_AGAIN_MS = 200;
/** How long a store that was killed may stay away. */
const PATIENCE_MS = 120_000;

/** Neighbours as ranges, both ends included. */
const rangesOf = (numbers: readonly number[]): readonly (readonly [number, number])[] => {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
};

/**
 * Holds everybody to their word: what the gateway swore to be durable is on its disk or in the store whenever it is killed; what
 * is acknowledged is in the store when the acknowledgement comes.
 */
export class Custody {
  readonly #places: CustodyPlaces;
  /** Batches that were seen in the store. */
  readonly #seen: Uint8Array;
  #testimony: Testimony = { firstOfBoot: new Map(), durable: 0 };
  #isLooking = false;
  #turn: Promise<void> = Promise.resolve();
  #store: StoreReader | null = null;
  readonly broken: string[] = [];
  acksChecked = 0;
  acksPassedOver = 0;
  batchesAcknowledged = 0;
  killsChecked = 0;
  batchesFoundOnDisk = 0;

  constructor(places: CustodyPlaces) {
    this.#places = places;
    this.#seen = new Uint8Array(places.replay.batches);
  }

  /** Looks at once whether what an acknowledgement covers is there; one that comes during such a look is passed over. */
  acknowledged(ack: Ack): Promise<void> {
    if (this.#isLooking) {
      this.acksPassedOver += 1;
      return Promise.resolve();
    }
    this.#isLooking = true;
    this.#turn = this.#checkAck(ack).finally(() => {
      this.#isLooking = false;
    });
    return this.#turn;
  }

  /** The gateway is dead and nothing has touched its disk. */
  async gatewayKilled(): Promise<void> {
    const testimony = await this.#hear();
    const onDisk = new Set<number>();
    for (const { boot, seq } of await batchesOnDisk(`${this.#places.folder}/outbox`)) {
      const first = testimony.firstOfBoot.get(boot);
      if (first !== undefined) onDisk.add(first + seq);
    }
    this.batchesFoundOnDisk += onDisk.size;
    const elsewhere = Array.from({ length: testimony.durable }, (_, batch) => batch).filter(
      (batch) => !onDisk.has(batch) && this.#seen[batch] !== 1,
    );
    for (const [from, to] of rangesOf(elsewhere))
      if (!(await this.#isStored(from, to)))
        this.broken.push(
          `killed in boot ${Math.max(...testimony.firstOfBoot.keys())}: of ${from} to ${to} neither disk nor store`,
        );
    this.killsChecked += 1;
  }

  async settled(): Promise<void> {
    await this.#turn;
    await this.close();
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = null;
  }

  async #checkAck({ boot, ranges, refused }: Ack): Promise<void> {
    if (refused.length > 0) this.broken.push(`refused in boot ${boot}: ${JSON.stringify(refused.slice(0, 3))}`);
    const first = this.#testimony.firstOfBoot.get(boot) ?? (await this.#hear()).firstOfBoot.get(boot);
    if (first === undefined) {
      this.broken.push(`acknowledged: boot ${boot}, which never was`);
      return;
    }
    for (const [from, to] of ranges) {
      if (await this.#isStored(first + from, first + to)) this.batchesAcknowledged += to - from + 1;
      else this.broken.push(`acknowledged before it was stored: boot ${boot}, ${from} to ${to}`);
    }
    this.acksChecked += 1;
  }

  async #isStored(from: number, to: number): Promise<boolean> {
    const isWhole = await this.#look(from, to);
    if (isWhole) this.#seen.fill(1, from, to + 1);
    return isWhole;
  }

  /** A store that is dead at this moment is asked again. */
  async #look(from: number, to: number): Promise<boolean> {
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      try {
        this.#store ??= await this.#places.openStore();
        return await this.#store.holds(from, to);
      } catch (thrown) {
        if (performance.now() > deadline) throw thrown;
        await pause(LOOK_AGAIN_MS);
      }
    }
  }

  async #hear(): Promise<Testimony> {
    this.#testimony = await hearTestimony(`${this.#places.folder}/witness.log`);
    return this.#testimony;
  }
}
