import { fault, reasonOf } from '#contract/errors.ts';
import type { Status } from '#contract/messages/status.ts';
import type { DurableLog, LogPosition } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { encodeBatch, outlineOf, parseBatch } from './batch-record.ts';
import { type Anchor, type ClockAnchors, encodeAnchor, stampBatch } from './clock-anchors.ts';
import { nextThinning, rewriteLot } from './rewrite-lot.ts';
import type { Thinning } from './thinning.ts';
import type { WaitingBatch, WaitingBatches } from './waiting-batches.ts';

export interface OutboxDiskDependencies {
  readonly gateway: GatewayId;
  readonly log: DurableLog;
  readonly logger: Logger;
  readonly limitBytes: number;
  readonly waiting: WaitingBatches;
  readonly anchors: ClockAnchors;
}

export type Storage = NonNullable<Extract<Status, { state: 'online' }>['outbox']['storage']>;

/** A full log is thinned down to this part of its limit, and is said to have room again below that one. */
const THINNED_SHARE = 0.9;
const ROOMY_SHARE = 0.5;
const LOT_SHARE = 0.1;
/** Rewritten at once: what a lot takes in memory. */
const LARGEST_LOT_BYTES = 1024 * 1024;
/** Of batches that wait in memory because the disk refuses them. */
const MEMORY_BYTES = 4 * 1024 * 1024;
/** Read at once at the start. */
const RECORDS_AT_ONCE = 200;

/** Where batches wait: on the disk, within a limit; in memory, within another, while the disk refuses them. */
export class OutboxDisk {
  readonly #deps: OutboxDiskDependencies;
  #isFull = false;
  #isRefused = false;
  #room: Promise<void> = Promise.resolve();
  #held: WaitingBatch[] = [];
  #retrying = false;

  constructor(deps: OutboxDiskDependencies) {
    this.#deps = deps;
  }

  get storage(): Storage {
    if (this.#isRefused) return 'refused';
    return this.#isFull ? 'thinned' : 'kept';
  }

  /** Calls `each` with every record of a former run, in the order in which they were written. */
  async recover(each: (payload: Uint8Array, position: LogPosition) => void): Promise<void> {
    const { log } = this.#deps;
    const { first, next } = log.bounds();
    for (let from = first; from < next; ) {
      const records = await log.read(from, RECORDS_AT_ONCE);
      if (records.length === 0) return;
      for (const { position, payload } of records) each(payload, position);
      from = ((records.at(-1)?.position ?? from) + 1) as LogPosition;
    }
  }

  /** Resolves when the batch waits: on the disk, or in memory when the disk refuses it. */
  async keep(payload: Uint8Array, isLive: boolean): Promise<void> {
    const { log } = this.#deps;
    try {
      const room = this.#room.then(() => this.#makeRoom(payload.length));
      this.#room = room.catch(() => undefined);
      await room;
      const [position] = await log.append([payload]);
      this.#wait(payload, position ?? null, isLive);
      this.#becomeAccepted();
    } catch (thrown) {
      this.#wait(payload, null, isLive);
      this.#becomeRefused(thrown);
      this.#thinHeld();
    }
  }

  /** Tries again what the disk refused. */
  async retry(): Promise<void> {
    if (this.#retrying || this.#held.length === 0) return;
    this.#retrying = true;
    const { log, waiting } = this.#deps;
    const held = this.#held.filter(({ state }) => state !== 'gone');
    try {
      const payloads = held.map((batch) => this.#stampHeld(batch));
      const positions = payloads.length === 0 ? [] : await log.append(payloads);
      for (const [index, batch] of held.entries()) {
        const position = positions[index];
        if (position !== undefined) waiting.place(batch, position);
      }
      this.#held = this.#held.filter(({ state, position }) => state !== 'gone' && position === null);
      this.#becomeAccepted();
    } catch (thrown) {
      this.#becomeRefused(thrown);
    } finally {
      this.#retrying = false;
    }
  }

  /** What the disk or the memory still gives of each. Rejects with `DATA_FOLDER_UNWRITABLE` and the like. */
  async read(batches: readonly WaitingBatch[]): Promise<ReadonlyMap<WaitingBatch, Uint8Array>> {
    const found = new Map<WaitingBatch, Uint8Array>();
    for (const batch of batches) if (batch.payload !== null) found.set(batch, batch.payload);
    const onDisk = batches.filter((batch) => !found.has(batch) && batch.position !== null);
    for (const run of runsOfPositions(onDisk)) {
      const records = await this.#readRun(run);
      for (const batch of run) {
        const payload = batch.position === null ? undefined : records.get(batch.position);
        if (payload !== undefined) found.set(batch, payload);
      }
    }
    return found;
  }

  /** A read stops at a damaged record: what comes behind it is asked for again. */
  async #readRun(run: readonly WaitingBatch[]): Promise<ReadonlyMap<LogPosition, Uint8Array>> {
    const found = new Map<LogPosition, Uint8Array>();
    const positions = run.flatMap(({ position }) => position ?? []);
    for (let at = 0; at < positions.length; at += 1) {
      const from = positions[at];
      if (from === undefined || found.has(from)) continue;
      for (const { position, payload } of await this.#deps.log.read(from, positions.length - at)) found.set(position, payload);
    }
    return found;
  }

  /** Resolves when the anchors are on the disk: a stamp that was sent is then the same for ever. */
  async keepAnchors(found: readonly Anchor[]): Promise<void> {
    await this.#deps.log.append(found.map(encodeAnchor));
    for (const anchor of found) this.#deps.anchors.keep(anchor);
  }

  /** Gives back the room of what is gone. */
  async trim(): Promise<void> {
    const { log, waiting, logger } = this.#deps;
    const oldest = waiting.oldestPosition() ?? log.bounds().next;
    try {
      if (oldest > log.bounds().first) await log.trim(oldest);
    } catch (thrown) {
      logger.error('outbox-could-not-be-trimmed', { why: reasonOf(thrown) });
    }
  }

  #wait(payload: Uint8Array, position: LogPosition | null, isLive: boolean): void {
    const { waiting } = this.#deps;
    const batch = this.waitingBatch(payload, position, isLive);
    if (batch === null) return;
    waiting.add(batch);
    if (position === null) this.#held.push(batch);
  }

  /** A record as something that waits, or null when it is no batch. */
  waitingBatch(payload: Uint8Array, position: LogPosition | null, isLive = false): WaitingBatch | null {
    const outline = outlineOf(payload);
    if (outline === null) return null;
    const canBeSent = !outline.isElapsed || this.#deps.anchors.keptOf(outline.boot) !== null;
    return {
      ...outline,
      bytes: payload.length,
      position,
      payload: position === null || (isLive && canBeSent) ? payload : null,
      isLive: isLive && canBeSent,
      state: canBeSent ? 'waiting' : 'unstamped',
      wasLive: false,
      sentAt: 0,
      attempts: 0,
    };
  }

  /** Its place on the disk would come after that of its anchor, which may be trimmed before it. */
  #stampHeld(batch: WaitingBatch): Uint8Array {
    const payload = batch.payload ?? new Uint8Array();
    const anchor = this.#deps.anchors.keptOf(batch.boot);
    if (!batch.isElapsed || anchor === null) return payload;
    const telemetry = stampBatch(parseBatch(payload), anchor);
    return encodeBatch(batch, telemetry, telemetry.gap);
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { log, limitBytes, waiting } = this.#deps;
    if (this.#isFull && log.sizeBytes < limitBytes * ROOMY_SHARE) this.#becomeRoomy();
    if (log.sizeBytes + bytes <= limitBytes || waiting.size === 0) return;
    if (!this.#isFull) this.#becomeFull();
    for (let thinning = nextThinning(waiting); thinning !== null; thinning = goOn(thinning, nextThinning(waiting))) {
      const lot = waiting.byPosition(Math.min(LARGEST_LOT_BYTES, limitBytes * LOT_SHARE));
      if (lot.length === 0 || log.sizeBytes + bytes <= limitBytes * THINNED_SHARE) return;
      await this.#thinLot(lot, thinning);
    }
  }

  /** The new records are on the disk before the old ones are forgotten. */
  async #thinLot(lot: readonly WaitingBatch[], thinning: Thinning): Promise<void> {
    const { log, waiting, anchors } = this.#deps;
    const payloads = rewriteLot(lot, await this.read(lot), { all: waiting, anchors, thinning });
    const positions = await log.append(payloads);
    this.#replace(lot, payloads, positions);
    await this.trim();
  }

  #replace(lot: readonly WaitingBatch[], payloads: readonly Uint8Array[], positions: readonly (LogPosition | null)[]): void {
    const { waiting } = this.#deps;
    for (const batch of lot) waiting.remove(batch);
    for (const [index, payload] of payloads.entries()) this.#wait(payload, positions[index] ?? null, false);
  }

  /** Memory has a limit too. It is thinned as the disk is. */
  #thinHeld(): void {
    const { waiting, anchors } = this.#deps;
    const bytesHeld = (): number => this.#held.reduce((sum, { state, bytes }) => (state === 'gone' ? sum : sum + bytes), 0);
    while (bytesHeld() > MEMORY_BYTES && !this.#retrying) {
      if (!this.#isFull) this.#becomeFull();
      const lot = this.#held.filter(({ state }) => state !== 'gone');
      const thinning = nextThinning(lot);
      if (thinning === null) return;
      const payloads = new Map(lot.flatMap((batch) => (batch.payload === null ? [] : [[batch, batch.payload] as const])));
      this.#held = [];
      this.#replace(lot, rewriteLot(lot, payloads, { all: waiting, anchors, thinning }), []);
    }
  }

  #becomeFull(): void {
    const { logger, gateway, limitBytes } = this.#deps;
    this.#isFull = true;
    const full = fault('DURABLE_LOG_FULL', { gateway, limitBytes });
    logger.error('outbox-became-full', { code: full.code, why: full.message });
  }

  #becomeRoomy(): void {
    this.#isFull = false;
    this.#deps.logger.info('outbox-has-room-again', {});
  }

  #becomeRefused(thrown: unknown): void {
    if (!this.#isRefused)
      this.#deps.logger.error('outbox-disk-refused', { why: reasonOf(thrown), heldBatches: this.#held.length });
    this.#isRefused = true;
  }

  #becomeAccepted(): void {
    if (!this.#isRefused || this.#held.some(({ state }) => state !== 'gone')) return;
    this.#isRefused = false;
    this.#deps.logger.info('outbox-disk-accepted-again', {});
  }
}

/** One thinning over several lots remembers which counter it kept last. */
const goOn = (thinning: Thinning, next: Thinning | null): Thinning | null => (thinning.keeps === next?.keeps ? thinning : next);

/** Neighbours on the disk, in its order: one read each. */
const runsOfPositions = (batches: readonly WaitingBatch[]): readonly (readonly WaitingBatch[])[] => {
  const runs: WaitingBatch[][] = [];
  for (const batch of batches.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))) {
    const run = runs.at(-1);
    if (run !== undefined && (run.at(-1)?.position ?? 0) + 1 === batch.position) run.push(batch);
    else runs.push([batch]);
  }
  return runs;
};
