import type { LogPosition } from '#contract/ports/durable-log.ts';
import type { RecordOutline } from './batch-record.ts';

/** A batch that no acknowledgement covers yet. */
export interface WaitingBatch extends RecordOutline {
  readonly bytes: number;
  /** Null while the disk refuses it: then `payload` is all there is. */
  position: LogPosition | null;
  /** In memory because it is not on the disk, or because it is to be sent now. */
  payload: Uint8Array | null;
  /** Born under a living link and never sent. */
  isLive: boolean;
  state: 'unstamped' | 'waiting' | 'sent' | 'gone';
  /** How it was sent the last time. */
  wasLive: boolean;
  /** Monotonic, of the last time it was sent. */
  sentAt: number;
  attempts: number;
}

interface BootQueue {
  readonly boot: number;
  /** By number; those that are gone stay in place until half of them are. */
  batches: WaitingBatch[];
  gone: number;
  /** None before it is waiting. */
  cursor: number;
}

/** What waits, by boot and number: found by range, taken in order, trimmed by position, each without looking at all. */
export class WaitingBatches {
  /** By boot. */
  #queues: BootQueue[] = [];
  /** By position; its head is never gone. */
  #positions: WaitingBatch[] = [];
  #head = 0;
  #live: WaitingBatch[] = [];
  readonly #sent = new Set<WaitingBatch>();
  readonly #unstamped = new Set<WaitingBatch>();
  readonly #onGone: (batch: WaitingBatch) => void;
  #size = 0;

  /** `onGone`: told of each that leaves. */
  constructor(onGone: (batch: WaitingBatch) => void = () => undefined) {
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#size;
  }

  get sent(): ReadonlySet<WaitingBatch> {
    return this.#sent;
  }

  /** Those whose instants wait for the clock. */
  get unstamped(): ReadonlySet<WaitingBatch> {
    return this.#unstamped;
  }

  /** The one with the lowest number of the lowest boot. */
  oldest(): WaitingBatch | null {
    for (const { batches } of this.#queues) for (const batch of batches) if (batch.state !== 'gone') return batch;
    return null;
  }

  /** In order of boot and number. */
  *[Symbol.iterator](): Generator<WaitingBatch> {
    for (const { batches } of this.#queues) for (const batch of batches) if (batch.state !== 'gone') yield batch;
  }

  /** Takes the place of those whose numbers it stands for. */
  add(batch: WaitingBatch): void {
    this.within(batch.boot, batch.from, batch.seq).forEach((replaced) => this.remove(replaced));
    const queue = this.#queueOf(batch.boot);
    const at = firstFrom(queue.batches, batch.seq);
    queue.batches.splice(at, 0, batch);
    queue.cursor = Math.min(queue.cursor, at);
    this.#size += 1;
    if (batch.position !== null) this.#positions.push(batch);
    if (batch.isLive) this.#live.push(batch);
    if (batch.state === 'unstamped') this.#unstamped.add(batch);
  }

  numbered(boot: number, seq: number): WaitingBatch | null {
    const batches = this.#queues.find((queue) => queue.boot === boot)?.batches ?? [];
    for (let at = firstFrom(batches, seq); batches[at]?.seq === seq; at += 1) {
      const batch = batches[at];
      if (batch !== undefined && batch.state !== 'gone') return batch;
    }
    return null;
  }

  /** Those of a boot whose numbers are all in a range, both ends included. */
  within(boot: number, from: number, to: number): readonly WaitingBatch[] {
    const queue = this.#queues.find((candidate) => candidate.boot === boot);
    if (queue === undefined) return [];
    const found: WaitingBatch[] = [];
    for (let at = firstFrom(queue.batches, from); at < queue.batches.length; at += 1) {
      const batch = queue.batches[at];
      if (batch === undefined || batch.seq > to) break;
      if (batch.state !== 'gone' && batch.from >= from) found.push(batch);
    }
    return found;
  }

  remove(batch: WaitingBatch): void {
    if (batch.state === 'gone') return;
    batch.state = 'gone';
    batch.payload = null;
    this.#sent.delete(batch);
    this.#unstamped.delete(batch);
    this.#size -= 1;
    const queue = this.#queueOf(batch.boot);
    queue.gone += 1;
    if (queue.gone * 2 > queue.batches.length) {
      queue.batches = queue.batches.filter(({ state }) => state !== 'gone');
      queue.gone = 0;
      queue.cursor = 0;
    }
    if (queue.batches.length === 0) this.#queues = this.#queues.filter((candidate) => candidate !== queue);
    this.#onGone(batch);
  }

  /** Live ones that wait, at most `limit`; when more wait, the rest is no longer live. */
  takeLive(limit: number): readonly WaitingBatch[] {
    const waiting = this.#live.filter(({ state, isLive }) => state === 'waiting' && isLive);
    this.#live = [];
    waiting.slice(limit).forEach((batch) => this.#becomeBacklog(batch));
    return waiting.slice(0, limit);
  }

  /** The oldest that wait and are not live: at most `limit`, and no more once they have `bytes`. */
  takeBacklog(limit: number, bytes: number): readonly WaitingBatch[] {
    const taken: WaitingBatch[] = [];
    let sum = 0;
    for (const queue of this.#queues)
      for (; queue.cursor < queue.batches.length && taken.length < limit && sum < bytes; queue.cursor += 1) {
        const batch = queue.batches[queue.cursor];
        if (batch?.state !== 'waiting' || batch.isLive) continue;
        sum += batch.bytes;
        taken.push(batch);
      }
    return taken;
  }

  markSent(batch: WaitingBatch, now: number): void {
    batch.state = 'sent';
    batch.sentAt = now;
    batch.attempts += 1;
    batch.wasLive = batch.isLive;
    this.#becomeHistory(batch);
    this.#sent.add(batch);
  }

  /** To be sent again, or now that it is stamped. */
  markWaiting(batch: WaitingBatch): void {
    this.#sent.delete(batch);
    this.#unstamped.delete(batch);
    batch.state = 'waiting';
    this.#becomeBacklog(batch);
  }

  /** The disk has taken it. */
  place(batch: WaitingBatch, position: LogPosition): void {
    batch.position = position;
    if (!batch.isLive) batch.payload = null;
    this.#positions.push(batch);
  }

  /** Those on the disk from the oldest place on, of together at most `bytes`, one at least. */
  byPosition(bytes: number): readonly WaitingBatch[] {
    this.#skipGone();
    const lot: WaitingBatch[] = [];
    let sum = 0;
    for (let at = this.#head; at < this.#positions.length && (lot.length === 0 || sum < bytes); at += 1) {
      const batch = this.#positions[at];
      if (batch === undefined || batch.state === 'gone') continue;
      sum += batch.bytes;
      lot.push(batch);
    }
    return lot;
  }

  /** Of the oldest on the disk, or null when none is. */
  oldestPosition(): LogPosition | null {
    this.#skipGone();
    return this.#positions[this.#head]?.position ?? null;
  }

  #skipGone(): void {
    while (this.#positions[this.#head]?.state === 'gone') this.#head += 1;
    if (this.#head * 2 <= this.#positions.length) return;
    this.#positions = this.#positions.slice(this.#head);
    this.#head = 0;
  }

  /** It is history from now on, and is read from the disk when its turn comes. */
  #becomeHistory(batch: WaitingBatch): void {
    batch.isLive = false;
    if (batch.position !== null) batch.payload = null;
  }

  #becomeBacklog(batch: WaitingBatch): void {
    this.#becomeHistory(batch);
    const queue = this.#queueOf(batch.boot);
    queue.cursor = Math.min(queue.cursor, firstFrom(queue.batches, batch.seq));
  }

  #queueOf(boot: number): BootQueue {
    const known = this.#queues.find((candidate) => candidate.boot === boot);
    if (known !== undefined) return known;
    const queue: BootQueue = { boot, batches: [], gone: 0, cursor: 0 };
    this.#queues = [...this.#queues, queue].sort((a, b) => a.boot - b.boot);
    return queue;
  }
}

/** Index of the first whose number is not below. */
const firstFrom = (batches: readonly WaitingBatch[], seq: number): number => {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle]?.seq ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
};
