import { fault, reasonOf } from '#contract/errors.ts';
import type { Ack } from '#contract/messages/ack.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { DurableLog, LogPosition } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { type BatchContent, batchNumberOf, encodeBatch, historicalText, parseBatch } from './batch-record.ts';
import { giveUpOldest, type OutboxEntry } from './gap.ts';

export interface OutboxDependencies {
  readonly gateway: GatewayId;
  readonly boot: number;
  readonly log: DurableLog;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limitBytes: number;
}

/** Batches sent and not acknowledged yet. Live ones have room that a backlog cannot take. */
const LIVE_WINDOW = 64;
const BACKLOG_WINDOW = 32;
const ACK_TIMEOUT_MS = 10_000;
const LONGEST_ACK_TIMEOUT_MS = 40_000;
const WATCH_MS = 1000;

/**
 * Every batch is on the disk before it is published, and is forgotten only when an acknowledgement covers it. What is
 * not acknowledged is sent again, as `historical`, after a time-out and at each reconnection; live batches go first.
 */
export class Outbox {
  readonly #deps: OutboxDependencies;
  readonly #entries = new Map<string, OutboxEntry>();
  #nextSeq = 0;
  #watch: Timer | null = null;
  #stopped = false;
  #pumping = false;
  #pumpAgain = false;
  #full = false;
  #room: Promise<void> = Promise.resolve();
  readonly #waiters: (() => void)[] = [];
  #unsubscribe: (() => void) | null = null;

  constructor(deps: OutboxDependencies) {
    this.#deps = deps;
  }

  /** Batches on disk that are not acknowledged. */
  get depth(): number {
    return this.#entries.size;
  }

  /** Instant of the oldest of them, or null when there is none or it holds no instant. */
  async oldestAt(): Promise<string | null> {
    const [oldest] = this.#entries.values();
    if (oldest === undefined) return null;
    const [record] = await this.#deps.log.read(oldest.position, 1);
    if (record === undefined || record.position !== oldest.position) return null;
    const { readings, events, reports } = parseBatch(record.payload);
    return readings[0]?.at ?? events?.[0]?.at ?? reports?.[0]?.at ?? null;
  }

  /** Finds what a former run left, calling `each` with every payload, and starts sending. */
  async start(each: (payload: Uint8Array) => void): Promise<void> {
    const { log, bus } = this.#deps;
    const { first, next } = log.bounds();
    for (let from = first; from < next; ) {
      const records = await log.read(from, 200);
      if (records.length === 0) break;
      for (const { position, payload } of records) {
        const number = batchNumberOf(payload);
        if (number !== null) this.#add({ ...number, position, state: 'waiting', sentAt: 0, attempts: 0, live: null });
        each(payload);
      }
      from = ((records.at(-1)?.position ?? from) + 1) as LogPosition;
    }
    this.#unsubscribe = bus.onState((state) => {
      if (state !== 'connected') return;
      this.#sendAgainAll();
      this.#pump();
    });
    this.#watchAcks();
    this.#pump();
  }

  /** Resolves when the batch is on the disk. */
  async append(content: BatchContent): Promise<void> {
    const { log, boot, bus } = this.#deps;
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    const payload = encodeBatch({ boot, seq }, content);
    const room = this.#room.then(() => this.#makeRoom(payload.length));
    this.#room = room.catch(() => undefined);
    await room;
    const [position] = await log.append([payload]);
    if (position === undefined) return;
    this.#add({
      boot,
      seq,
      position,
      state: 'waiting',
      sentAt: 0,
      attempts: 0,
      live: bus.state() === 'connected' ? payload : null,
    });
    this.#pump();
  }

  /** Obeys an acknowledgement of ingest. */
  acknowledge(ack: Ack): void {
    for (const { boot, seq } of [...this.#entries.values()])
      if (boot === ack.boot && ack.ranges.some(([from, to]) => from <= seq && seq <= to)) this.#forget(boot, seq);
    for (const { seq, code, point } of ack.refused) {
      this.#deps.logger.warn(point === undefined ? 'batch-was-refused' : 'readings-were-refused', {
        boot: ack.boot,
        seq,
        code,
        ...(point === undefined ? {} : { point }),
      });
      if (point === undefined) this.#forget(ack.boot, seq);
    }
    void this.#trim();
    this.#pump();
  }

  /** Resolves when everything appended so far is acknowledged. */
  drained(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    const awaited = new Set(this.#entries.keys());
    return new Promise((resolve) => {
      const check = (): void => {
        for (const key of awaited) if (!this.#entries.has(key)) awaited.delete(key);
        if (awaited.size > 0) return;
        this.#waiters.splice(this.#waiters.indexOf(check), 1);
        resolve();
      };
      this.#waiters.push(check);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.cancel();
    this.#unsubscribe?.();
  }

  #add(entry: OutboxEntry): void {
    this.#entries.set(`${entry.boot}/${entry.seq}`, entry);
  }

  #forget(boot: number, seq: number): void {
    const key = `${boot}/${seq}`;
    const entry = this.#entries.get(key);
    if (entry === undefined || (entry.isGap === true && entry.attempts === 0)) return;
    this.#entries.delete(key);
    for (const check of [...this.#waiters]) check();
  }

  async #trim(): Promise<void> {
    const { log, logger } = this.#deps;
    const oldest = [...this.#entries.values()].reduce<number>(
      (least, { position }) => Math.min(least, position),
      log.bounds().next,
    );
    try {
      if (oldest > log.bounds().first) await log.trim(oldest as LogPosition);
    } catch (thrown) {
      logger.error('outbox-could-not-be-trimmed', { why: reasonOf(thrown) });
    }
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { log, limitBytes, logger, gateway } = this.#deps;
    const isFull = log.sizeBytes + bytes > limitBytes && this.#entries.size > 0;
    if (isFull && !this.#full) {
      const full = fault('DURABLE_LOG_FULL', { gateway, limitBytes });
      logger.error('outbox-became-full', { code: full.code, why: full.message });
    }
    if (!isFull && this.#full) logger.info('outbox-has-room-again', {});
    this.#full = isFull;
    if (!isFull) return;
    const { dropped, added } = await giveUpOldest(log, [...this.#entries.values()], limitBytes - bytes);
    for (const { boot, seq } of dropped) this.#entries.delete(`${boot}/${seq}`);
    for (const entry of added) this.#add(entry);
    await this.#trim();
    for (const check of [...this.#waiters]) check();
  }

  #sendAgainAll(): void {
    for (const entry of this.#entries.values()) {
      entry.state = 'waiting';
      entry.live = null;
    }
  }

  #watchAcks(): void {
    if (this.#stopped) return;
    this.#watch = this.#deps.clock.after(WATCH_MS, () => {
      const now = this.#deps.clock.monotonicNow();
      for (const entry of this.#entries.values()) {
        const patience = Math.min(ACK_TIMEOUT_MS * 2 ** Math.max(0, entry.attempts - 1), LONGEST_ACK_TIMEOUT_MS);
        if (entry.state === 'sent' && now - entry.sentAt >= patience) entry.state = 'waiting';
      }
      this.#pump();
      this.#watchAcks();
    });
  }

  #pump(): void {
    this.#pumpAgain = true;
    if (!this.#pumping) void this.#pumpAll();
  }

  async #pumpAll(): Promise<void> {
    this.#pumping = true;
    while (this.#pumpAgain && !this.#stopped && this.#deps.bus.state() === 'connected') {
      this.#pumpAgain = false;
      for (const entry of this.#due()) await this.#send(entry);
    }
    this.#pumping = false;
  }

  #due(): readonly OutboxEntry[] {
    const entries = [...this.#entries.values()];
    const sent = entries.filter(({ state }) => state === 'sent').length;
    const waiting = entries.filter(({ state }) => state === 'waiting');
    const live = waiting.filter((entry) => entry.live !== null).slice(0, Math.max(0, LIVE_WINDOW - sent));
    const backlog = waiting.filter((entry) => entry.live === null).slice(0, Math.max(0, BACKLOG_WINDOW - sent - live.length));
    return [...live, ...backlog];
  }

  async #send(entry: OutboxEntry): Promise<void> {
    const { bus, gateway, logger, clock } = this.#deps;
    try {
      const text = await this.#textOf(entry);
      if (text === null || !this.#entries.has(`${entry.boot}/${entry.seq}`)) return;
      entry.state = 'sent';
      entry.live = null;
      entry.sentAt = clock.monotonicNow();
      entry.attempts += 1;
      void bus.publish(topics.telemetry(gateway), text, { qos: 1 }).catch(() => {
        // The link is lost: the reconnection, or the watch, sends it again.
      });
    } catch (thrown) {
      logger.error('outbox-could-not-be-read', { why: reasonOf(thrown) });
    }
  }

  async #textOf(entry: OutboxEntry): Promise<string | null> {
    if (entry.live !== null) return new TextDecoder().decode(entry.live);
    const [record] = await this.#deps.log.read(entry.position, 1);
    return record === undefined || record.position !== entry.position ? null : historicalText(record.payload);
  }
}
