import { reasonOf } from '#contract/errors.ts';
import type { Ack } from '#contract/messages/ack.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { type BatchContent, encodeBatch, historicalText, parseBatch } from './batch-record.ts';
import { traceBoots } from './boot-traces.ts';
import { CentreOffset } from './centre-offset.ts';
import { ClockAnchors, missingAnchors, parseAnchor, stampBatch } from './clock-anchors.ts';
import { declareDamages } from './declare-damage.ts';
import { isElapsedStamp } from './elapsed-stamp.ts';
import { OutboxDisk, type Storage } from './outbox-disk.ts';
import { damagedBatch } from './rewrite-lot.ts';
import { SendWindow } from './send-window.ts';
import { type WaitingBatch, WaitingBatches } from './waiting-batches.ts';

export interface OutboxDependencies {
  readonly gateway: GatewayId;
  readonly boot: number;
  readonly log: DurableLog;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limitBytes: number;
}

/** Batches of the backlog never take this room of live ones. */
const LIVE_WINDOW = 64;
/** Read and sent before live batches are looked at again. */
const BACKLOG_AT_ONCE = 32;
const ACK_TIMEOUT_MS = 10_000;
const LONGEST_ACK_TIMEOUT_MS = 40_000;
const WATCH_MS = 1000;

/**
 * Every batch is on the disk before it is published, and is forgotten only when an acknowledgement covers it. What is
 * not acknowledged is sent again, as `historical`, after a time-out and at each reconnection; live batches go first. Batches
 * whose instants wait for the clock are sent once it is known.
 */
export class Outbox {
  readonly #deps: OutboxDependencies;
  readonly #waiting: WaitingBatches;
  readonly #anchors: ClockAnchors;
  readonly #disk: OutboxDisk;
  readonly #window = new SendWindow();
  readonly #centre: CentreOffset;
  readonly #drains = new Set<{ readonly awaited: Set<WaitingBatch>; readonly resolve: () => void }>();
  #nextSeq = 0;
  #watch: Timer | null = null;
  #stopped = false;
  #pumping = false;
  #pumpAgain = false;
  #isStamping = false;
  #unsubscribe: (() => void) | null = null;

  constructor(deps: OutboxDependencies) {
    this.#deps = deps;
    this.#waiting = new WaitingBatches((batch) => this.#leave(batch));
    this.#anchors = new ClockAnchors(deps.clock, deps.boot);
    this.#centre = new CentreOffset(deps.clock);
    this.#disk = new OutboxDisk({ ...deps, waiting: this.#waiting, anchors: this.#anchors });
  }

  /** Batches that are not acknowledged. */
  get depth(): number {
    return this.#waiting.size;
  }

  get storage(): Storage {
    return this.#disk.storage;
  }

  /** What acknowledgements tell of the centre's clock. */
  get centre(): Pick<CentreOffset, 'offsetMs' | 'isApart'> {
    return this.#centre;
  }

  /** Instant of the oldest of them, or null when there is none, it holds no instant or its instant waits for the clock. */
  async oldestAt(): Promise<string | null> {
    const oldest = this.#waiting.oldest();
    if (oldest === null) return null;
    const payload = (await this.#disk.read([oldest])).get(oldest);
    if (payload === undefined) return null;
    const anchor = this.#anchors.keptOf(oldest.boot);
    const batch = anchor === null ? parseBatch(payload) : stampBatch(parseBatch(payload), anchor);
    const at = batch.readings[0]?.at ?? batch.events?.[0]?.at ?? batch.reports?.[0]?.at ?? null;
    return at === null || isElapsedStamp(at) ? null : at;
  }

  /** Finds what a former run left, calling `each` with every batch, and starts sending. */
  async start(each: (payload: Uint8Array) => void): Promise<void> {
    const { bus } = this.#deps;
    await this.#disk.recover((payload, position) => {
      const anchor = parseAnchor(payload);
      if (anchor !== null) this.#anchors.keep(anchor);
      const batch = this.#disk.waitingBatch(payload, position);
      if (batch === null) return;
      this.#waiting.add(batch);
      each(payload);
    });
    await this.#declareDamages();
    this.#releaseStamped();
    this.#unsubscribe = bus.onState((state) => {
      if (state !== 'connected') return;
      for (const batch of [...this.#waiting]) if (batch.state !== 'unstamped') this.#waiting.markWaiting(batch);
      this.#pump();
    });
    this.#watchAcks();
    this.#stampWaiting();
    this.#pump();
  }

  /** Resolves when the batch is on the disk, or in memory when the disk refuses it. */
  async append(content: BatchContent): Promise<void> {
    const { boot, bus } = this.#deps;
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    const anchor = this.#anchors.current();
    const payload = encodeBatch({ boot, seq }, anchor === null ? content : stampBatch({ ...content }, anchor));
    await this.#disk.keep(payload, bus.state() === 'connected');
    this.#pump();
  }

  /** Obeys an acknowledgement of ingest. Numbers that it knows already, or never had, change nothing. */
  acknowledge(ack: Ack): void {
    const { clock } = this.#deps;
    const covered = ack.ranges.flatMap(([from, to]) => this.#waiting.within(ack.boot, from, to));
    const lastSentAt = covered.reduce((last, { sentAt, state }) => (state === 'sent' ? Math.max(last, sentAt) : last), -1);
    if (ack.at !== undefined && lastSentAt >= 0) this.#centre.compare(parseInstant(ack.at), lastSentAt);
    for (const batch of covered) {
      if (batch.state === 'sent') this.#window.acknowledged(clock.monotonicNow() - batch.sentAt, clock.monotonicNow());
      this.#waiting.remove(batch);
    }
    this.#obeyRefusals(ack);
    void this.#disk.trim();
    this.#pump();
  }

  /** Resolves when everything appended so far is acknowledged. */
  drained(): Promise<void> {
    const awaited = new Set(this.#waiting);
    return awaited.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#drains.add({ awaited, resolve }));
  }

  stop(): void {
    this.#stopped = true;
    this.#watch?.cancel();
    this.#unsubscribe?.();
  }

  /** What the disk lost between two runs is said to the centre as what is lost later is. */
  async #declareDamages(): Promise<void> {
    const { log, boot, logger } = this.#deps;
    for (const batch of declareDamages(log.damages, this.#waiting, boot)) {
      const { from, to, lostReadings } = batch.gap ?? {};
      logger.error('outbox-records-were-lost', { code: 'DURABLE_LOG_DAMAGED', boot: batch.boot, from, to, lostReadings });
      await this.#disk.keep(encodeBatch(batch, batch, batch.gap), false);
    }
  }

  #obeyRefusals({ boot, refused }: Ack): void {
    for (const { seq, code, point } of refused) {
      this.#deps.logger.warn(point === undefined ? 'batch-was-refused' : 'readings-were-refused', {
        boot,
        seq,
        code,
        ...(point === undefined ? {} : { point }),
      });
      if (point !== undefined) continue;
      const batch = this.#waiting.numbered(boot, seq);
      if (batch !== null && batch.attempts > 0) this.#waiting.remove(batch);
    }
  }

  #leave(batch: WaitingBatch): void {
    for (const drain of this.#drains) {
      drain.awaited.delete(batch);
      if (drain.awaited.size > 0) continue;
      this.#drains.delete(drain);
      drain.resolve();
    }
  }

  #watchAcks(): void {
    if (this.#stopped) return;
    this.#watch = this.#deps.clock.after(WATCH_MS, () => {
      const now = this.#deps.clock.monotonicNow();
      for (const batch of [...this.#waiting.sent]) {
        const patience = Math.min(ACK_TIMEOUT_MS * 2 ** Math.max(0, batch.attempts - 1), LONGEST_ACK_TIMEOUT_MS);
        if (now - batch.sentAt < patience) continue;
        this.#window.late(now);
        this.#waiting.markWaiting(batch);
      }
      void this.#disk.retry();
      this.#stampWaiting();
      this.#pump();
      this.#watchAcks();
    });
  }

  /** Once the clock is known: anchors for all that waits for it, on the disk before anything of it is sent. */
  #stampWaiting(): void {
    const current = this.#anchors.current();
    if (current === null || this.#isStamping || this.#waiting.unstamped.size === 0) return;
    this.#isStamping = true;
    void this.#findAnchors(current).finally(() => {
      this.#isStamping = false;
      this.#pump();
    });
  }

  async #findAnchors(current: NonNullable<ReturnType<ClockAnchors['current']>>): Promise<void> {
    try {
      const traces = await traceBoots(this.#waiting, (batches) => this.#disk.read(batches));
      const found = missingAnchors(traces, this.#anchors, current);
      await this.#disk.keepAnchors(found);
      for (const { boot, startedAt, isKnown } of found)
        this.#deps.logger.info('readings-were-stamped', { boot, startedAt, isKnown });
      this.#releaseStamped();
    } catch (thrown) {
      this.#deps.logger.error('readings-could-not-be-stamped', { why: reasonOf(thrown) });
    }
  }

  #releaseStamped(): void {
    for (const batch of [...this.#waiting.unstamped])
      if (this.#anchors.keptOf(batch.boot) !== null) this.#waiting.markWaiting(batch);
  }

  #pump(): void {
    this.#pumpAgain = true;
    if (!this.#pumping) void this.#pumpAll();
  }

  async #pumpAll(): Promise<void> {
    this.#pumping = true;
    while (this.#pumpAgain && !this.#stopped && this.#deps.bus.state() === 'connected') {
      this.#pumpAgain = false;
      await this.#sendAll(this.#takeLive());
      const backlog = this.#takeBacklog();
      await this.#sendAll(backlog);
      if (backlog.length > 0) this.#pumpAgain = true;
    }
    this.#pumping = false;
  }

  #takeLive(): readonly WaitingBatch[] {
    const sent = [...this.#waiting.sent].filter(({ wasLive }) => wasLive).length;
    return this.#waiting.takeLive(Math.max(0, LIVE_WINDOW - sent));
  }

  #takeBacklog(): readonly WaitingBatch[] {
    const sent = [...this.#waiting.sent].filter(({ wasLive }) => !wasLive);
    const bytesSent = sent.reduce((sum, { bytes }) => sum + bytes, 0);
    const room = this.#window.room(sent.length, bytesSent);
    return this.#waiting.takeBacklog(Math.min(BACKLOG_AT_ONCE, room.batches), room.bytes);
  }

  /** What could not be read counts as sent: it is tried again when no acknowledgement comes. */
  async #sendAll(batches: readonly WaitingBatch[]): Promise<void> {
    if (batches.length === 0) return;
    const payloads = await this.#disk.read(batches).catch((thrown: unknown) => {
      this.#deps.logger.error('outbox-could-not-be-read', { why: reasonOf(thrown) });
      return null;
    });
    for (const batch of batches) {
      if (batch.state !== 'waiting') continue;
      const text = payloads === null ? null : this.#textOf(batch, payloads.get(batch));
      this.#waiting.markSent(batch, this.#deps.clock.monotonicNow());
      if (text !== null) this.#publish(text);
    }
  }

  #publish(text: string): void {
    const { bus, gateway } = this.#deps;
    void bus.publish(topics.telemetry(gateway), text, { qos: 1 }).catch(() => {
      // The link is lost: the reconnection, or the watch, sends it again.
    });
  }

  #textOf(batch: WaitingBatch, payload: Uint8Array | undefined): string {
    if (payload === undefined) {
      this.#deps.logger.error('outbox-record-was-lost', { boot: batch.boot, seq: batch.seq });
      return JSON.stringify({ ...damagedBatch(batch), historical: true });
    }
    const anchor = this.#anchors.keptOf(batch.boot);
    if (batch.isElapsed && anchor !== null) {
      const telemetry = stampBatch(parseBatch(payload), anchor);
      return historicalText(encodeBatch(batch, telemetry, telemetry.gap));
    }
    return batch.isLive ? new TextDecoder().decode(payload) : historicalText(payload);
  }
}
