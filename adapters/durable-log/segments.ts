import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fault, reasonOf } from '#contract/errors.ts';
import type { DurableLog, LogDamage, LogPosition, LogRecord } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import {
  createRoom,
  type DamagedStretch,
  emptySegment,
  encodeRecords,
  firstPositionOf,
  readRecords,
  readWhole,
  recordBytes,
  type Segment,
  scanSegment,
} from './segment-file.ts';

export interface SegmentLogOptions {
  /** Its own folder, made when absent. */
  readonly folder: string;
  /** A segment is closed when it has reached this size; 4 MiB when absent. */
  readonly segmentBytes?: number;
  readonly logger: Logger;
}

interface PendingAppend {
  readonly payloads: readonly Uint8Array[];
  readonly resolve: (positions: readonly LogPosition[]) => void;
  readonly reject: (reason: Error) => void;
}

const DEFAULT_SEGMENT_BYTES = 4 * 1024 * 1024;
const TRIM_MARK = 'trimmed.json';

const unwritable = (folder: string, thrown: unknown) =>
  fault('DATA_FOLDER_UNWRITABLE', { folder, reason: reasonOf(thrown) }, thrown);

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Position before which records were forgotten; 0 when the mark is absent or was torn, since a lost mark only sends again. */
const readTrimMark = async (folder: string): Promise<number> => {
  const text = await readFile(join(folder, TRIM_MARK), 'utf8').catch(() => '');
  const before = /^\{"before":(\d+)\}$/.exec(text)?.[1];
  return before === undefined ? 0 : Number(before);
};

interface OpenedSegments {
  readonly segments: Segment[];
  readonly damages: LogDamage[];
  /** What the trim mark means after damage that lost count of positions: less, so that things are sent again and not forgotten. */
  readonly trimmedBefore: number;
}

const openSegments = async (folder: string, logger: Logger): Promise<OpenedSegments> => {
  const firsts = (await readdir(folder)).flatMap((name) => firstPositionOf(name) ?? []).sort((a, b) => a - b);
  const segments: Segment[] = [];
  const damages: LogDamage[] = [];
  let trimmedBefore = await readTrimMark(folder);
  const room = createRoom();
  for (const [index, first] of firsts.entries()) {
    const { file } = emptySegment(folder, first);
    const { segment, damaged, tornAt } = scanSegment({ file, first }, await readWhole(file, room), firsts[index + 1] ?? null);
    if (tornAt !== null) await truncate(file, tornAt);
    sayDamage(logger, segment, damaged, tornAt);
    for (const { index: place, places, isCounted, remains } of damaged) {
      const from = (first + place) as LogPosition;
      if (!isCounted) trimmedBefore = Math.min(trimmedBefore, from);
      damages.push({ from, to: (from + places) as LogPosition, remains });
    }
    segments.push(segment);
  }
  return { segments, damages: damages.filter(({ to }) => to > trimmedBefore), trimmedBefore };
};

const sayDamage = (logger: Logger, segment: Segment, damaged: readonly DamagedStretch[], tornAt: number | null): void => {
  const say = (event: string, offset: number, kept: number): void => {
    const damage = fault('DURABLE_LOG_DAMAGED', { segment: basename(segment.file), offset, kept });
    logger.warn(event, { code: damage.code, why: damage.message });
  };
  for (const { index } of damaged) say('durable-log-is-damaged', segment.offsets[index] ?? segment.sizeBytes, index);
  if (tornAt !== null) say('durable-log-was-cut', tornAt, segment.offsets.length);
};

/**
 * An append-only log in segment files. Appends that come while a sync runs share the next one. At opening, a torn tail
 * (a cut during a write) is cut off and said; records that are damaged keep their places and are told by `damages`. Rejects with
 * `DATA_FOLDER_UNWRITABLE`.
 */
export const createSegmentLog = async (options: SegmentLogOptions): Promise<DurableLog> => {
  const { folder, logger, segmentBytes = DEFAULT_SEGMENT_BYTES } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new SegmentLog(folder, segmentBytes, await openSegments(folder, logger));
  } catch (thrown) {
    throw unwritable(folder, thrown);
  }
};

class SegmentLog implements DurableLog {
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #segments: Segment[];
  readonly damages: readonly LogDamage[];
  #trimmedBefore: number;
  #markWritten: number;
  #next: number;
  #handle: FileHandle | null = null;
  #waiting: PendingAppend[] = [];
  #writing: Promise<void> | null = null;
  #trimming: Promise<void> = Promise.resolve();

  constructor(folder: string, segmentBytes: number, { segments, damages, trimmedBefore }: OpenedSegments) {
    const last = segments.at(-1);
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#segments = segments;
    this.damages = damages;
    this.#trimmedBefore = trimmedBefore;
    this.#markWritten = trimmedBefore;
    this.#next = Math.max(trimmedBefore, last === undefined ? 0 : last.first + last.offsets.length);
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  bounds(): { first: LogPosition; next: LogPosition } {
    const oldest = Math.max(this.#trimmedBefore, this.#segments[0]?.first ?? this.#next);
    return { first: Math.min(oldest, this.#next) as LogPosition, next: this.#next as LogPosition };
  }

  append(payloads: readonly Uint8Array[]): Promise<readonly LogPosition[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly LogPosition[]>();
    this.#waiting.push({ payloads, resolve, reject });
    this.#writing ??= this.#writeWaiting();
    return promise;
  }

  async read(from: LogPosition, limit: number): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = [];
    const wanted = Math.max(from, this.bounds().first);
    for (const segment of [...this.#segments]) {
      const end = segment.first + segment.offsets.length;
      if (end <= wanted || records.length >= limit) continue;
      for (let at = Math.max(wanted, segment.first); at < end && records.length < limit; ) {
        const payloads = await readRecords(segment, at - segment.first, Math.min(limit - records.length, end - at));
        for (const [index, payload] of payloads.entries())
          if (payload !== null) records.push({ position: (at + index) as LogPosition, payload });
        at += payloads.length;
      }
    }
    return records;
  }

  trim(before: LogPosition): Promise<void> {
    this.#trimmedBefore = Math.max(this.#trimmedBefore, Math.min(before, this.#next));
    this.#trimming = this.#trimming.then(
      () => this.#forget(),
      () => this.#forget(),
    );
    return this.#trimming;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#trimming;
    await this.#handle?.close();
    this.#handle = null;
  }

  async #writeWaiting(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const first = await this.#write(batch.flatMap(({ payloads }) => payloads));
        let position = first;
        for (const { payloads, resolve } of batch) {
          const from = position;
          position += payloads.length;
          resolve(payloads.map((_payload, index) => (from + index) as LogPosition));
        }
      } catch (thrown) {
        for (const { reject } of batch) reject(unwritable(this.#folder, thrown));
      }
    }
    this.#writing = null;
  }

  /** Writes records in one segment, syncs, and only then counts them. What a failed write left is cut. */
  async #write(payloads: readonly Uint8Array[]): Promise<number> {
    const { segment, handle } = await this.#activeSegment();
    const bytes = encodeRecords(payloads);
    try {
      await writeWhole(handle, bytes, segment.sizeBytes);
      await handle.datasync();
    } catch (thrown) {
      await this.#abandonHandle(handle, segment.sizeBytes);
      throw thrown;
    }
    const first = this.#next;
    for (const payload of payloads) {
      segment.offsets.push(segment.sizeBytes);
      segment.sizeBytes += recordBytes(payload);
    }
    this.#next += payloads.length;
    return first;
  }

  async #activeSegment(): Promise<{ segment: Segment; handle: FileHandle }> {
    const last = this.#segments.at(-1);
    const fits = last !== undefined && last.sizeBytes < this.#segmentBytes && last.first + last.offsets.length === this.#next;
    if (fits) {
      this.#handle ??= await open(last.file, 'r+');
      return { segment: last, handle: this.#handle };
    }
    await this.#handle?.close();
    this.#handle = null;
    const segment = emptySegment(this.#folder, this.#next);
    this.#handle = await open(segment.file, 'w', 0o600);
    await syncFolder(this.#folder);
    this.#segments.push(segment);
    return { segment, handle: this.#handle };
  }

  async #abandonHandle(handle: FileHandle, keepBytes: number): Promise<void> {
    this.#handle = null;
    try {
      await handle.truncate(keepBytes);
    } finally {
      await handle.close();
    }
  }

  async #forget(): Promise<void> {
    if (this.#markWritten === this.#trimmedBefore) return;
    const mark = this.#trimmedBefore;
    await this.#removeBefore(mark);
    const beside = join(this.#folder, `${TRIM_MARK}.new`);
    await writeFile(beside, `{"before":${mark}}`, { mode: 0o600 });
    await rename(beside, join(this.#folder, TRIM_MARK));
    this.#markWritten = mark;
  }

  /** Before the mark is written: on a full disk that is what makes room for it. */
  async #removeBefore(mark: number): Promise<void> {
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0];
      const second = this.#segments[1];
      if (oldest === undefined || second === undefined || second.first > mark) return;
      this.#segments.shift();
      await rm(oldest.file, { force: true });
    }
  }
}

const writeWhole = async (handle: FileHandle, bytes: Buffer, position: number): Promise<void> => {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
};
