import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** A record on disk: length and CRC-32 of its payload, both 32 bits big-endian, then the payload. */
const HEADER_BYTES = 8;
const PREFIX = 'segment-';
const SUFFIX = '.log';

export interface Segment {
  readonly file: string;
  /** Position of its first record. */
  readonly first: number;
  /** Offset of each record, in order; those that are damaged have their places too. */
  readonly offsets: number[];
  sizeBytes: number;
}

/** The file's name carries the position of its first record. */
export const segmentFileName = (first: number): string => `${PREFIX}${String(first).padStart(16, '0')}${SUFFIX}`;

/** Position of the first record of a segment file, or null when this is another file. */
export const firstPositionOf = (fileName: string): number | null => {
  const digits = fileName.startsWith(PREFIX) && fileName.endsWith(SUFFIX) ? fileName.slice(PREFIX.length, -SUFFIX.length) : '';
  return /^\d{16}$/.test(digits) ? Number(digits) : null;
};

export const emptySegment = (folder: string, first: number): Segment => ({
  file: join(folder, segmentFileName(first)),
  first,
  offsets: [],
  sizeBytes: 0,
});

export const encodeRecords = (payloads: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    payloads.flatMap((payload) => {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32BE(payload.length, 0);
      header.writeUInt32BE(crc32(payload), 4);
      return [header, payload];
    }),
  );

export const recordBytes = (payload: Uint8Array): number => HEADER_BYTES + payload.length;

interface DecodedRecord {
  readonly payload: Uint8Array;
  readonly nextOffset: number;
}

/** Null when no whole, undamaged record begins at this offset. An empty one is what a disk of zeros looks like. */
const recordAt = (bytes: Buffer, offset: number): DecodedRecord | null => {
  const nextOffset = endOf(bytes, offset);
  if (nextOffset === null || nextOffset === offset + HEADER_BYTES) return null;
  const payload = bytes.subarray(offset + HEADER_BYTES, nextOffset);
  return crc32(payload) === bytes.readUInt32BE(offset + 4) ? { payload, nextOffset } : null;
};

/** Where the record that begins here ends by its own word; null when that is not within the file. */
const endOf = (bytes: Buffer, offset: number): number | null => {
  if (offset + HEADER_BYTES > bytes.length) return null;
  const end = offset + HEADER_BYTES + bytes.readUInt32BE(offset);
  return end > bytes.length ? null : end;
};

/** A part of a segment that holds no whole record. */
export interface DamagedStretch {
  /** Of its first place among the segment's records. */
  readonly index: number;
  places: number;
  /** Whether `places` is sure, or how many records there were is lost too. */
  isCounted: boolean;
  readonly remains: Uint8Array;
}

export interface ScannedSegment {
  readonly segment: Segment;
  readonly damaged: readonly DamagedStretch[];
  /** Where a write was cut off at the very end: nothing from here on was ever durable. */
  readonly tornAt: number | null;
}

/** A write that was cut off has no end, or left the zeros of a file that grew before its content came. */
const isTorn = (bytes: Buffer, offset: number): boolean =>
  endOf(bytes, offset) === null || bytes.subarray(offset).every((byte) => byte === 0);

/** Behind a damaged record: where its own length leads, else wherever the next whole one begins, else the end. */
const resumeAfter = (bytes: Buffer, offset: number): { readonly at: number; readonly isCounted: boolean } => {
  const ownEnd = endOf(bytes, offset);
  if (ownEnd !== null && ownEnd > offset + HEADER_BYTES && (ownEnd === bytes.length || recordAt(bytes, ownEnd) !== null))
    return { at: ownEnd, isCounted: true };
  for (let at = offset + 1; at + HEADER_BYTES < bytes.length; at += 1)
    if (recordAt(bytes, at) !== null) return { at, isCounted: false };
  return { at: bytes.length, isCounted: false };
};

/** Reads a segment's records around what is damaged. `end`: position of the next segment's first record, null of the last one. */
export const scanSegment = (place: Pick<Segment, 'file' | 'first'>, bytes: Buffer, end: number | null): ScannedSegment => {
  const offsets: number[] = [];
  const damaged: DamagedStretch[] = [];
  const scanned = (sizeBytes: number, tornAt: number | null): ScannedSegment => {
    if (end !== null) countPlaces(offsets, damaged, end - place.first, sizeBytes);
    return { segment: { ...place, offsets, sizeBytes }, damaged, tornAt };
  };
  for (let offset = 0; offset < bytes.length; ) {
    const record = recordAt(bytes, offset);
    const { at, isCounted } = record === null ? resumeAfter(bytes, offset) : { at: record.nextOffset, isCounted: true };
    if (record === null) {
      if (end === null && at === bytes.length && isTorn(bytes, offset)) return scanned(offset, offset);
      damaged.push({ index: offsets.length, places: 1, isCounted, remains: Uint8Array.from(bytes.subarray(offset, at)) });
    }
    offsets.push(offset);
    offset = at;
  }
  return scanned(bytes.length, null);
};

/** The next segment tells how many records there were: those that have no place yet were in the last stretch, or cut off behind it. */
const countPlaces = (offsets: number[], damaged: DamagedStretch[], places: number, sizeBytes: number): void => {
  const missing = places - offsets.length;
  if (missing > 0) {
    const last = damaged.findLast(({ isCounted }) => !isCounted);
    if (last === undefined) {
      damaged.push({ index: offsets.length, places: missing, isCounted: true, remains: new Uint8Array() });
      offsets.push(...Array.from({ length: missing }, () => sizeBytes));
    } else {
      const stretchEnd = offsets[last.index + 1] ?? sizeBytes;
      offsets.splice(last.index + 1, 0, ...Array.from({ length: missing }, () => stretchEnd));
      last.places += missing;
    }
  }
  for (const stretch of damaged) stretch.isCounted = true;
};

/** What the file holds from a place on, as much as there is room for. */
const fill = async (handle: FileHandle, bytes: Buffer, from: number): Promise<Buffer> => {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
};

/** Memory that one segment after the other is read into, so that a long log does not take its whole length at once. */
export interface Room {
  bytes: Buffer;
}

export const createRoom = (): Room => ({ bytes: Buffer.alloc(0) });

/** All of a file, in the room: good until the next one is read into it. */
export const readWhole = async (file: string, room: Room): Promise<Buffer> => {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (room.bytes.length < size) room.bytes = Buffer.alloc(size);
    return await fill(handle, room.bytes.subarray(0, size), 0);
  } finally {
    await handle.close();
  }
};

/** Payloads of `count` records of a segment, from the one at `index` on; null in the place of one that is damaged. */
export const readRecords = async (segment: Segment, index: number, count: number): Promise<readonly (Uint8Array | null)[]> => {
  const from = segment.offsets[index];
  if (from === undefined || count <= 0) return [];
  const handle = await open(segment.file, 'r');
  try {
    const lastEnd = segment.offsets[index + count] ?? segment.sizeBytes;
    const bytes = await fill(handle, Buffer.alloc(lastEnd - from), from);
    const offsets = segment.offsets.slice(index, index + count);
    return offsets.map((offset, at) => {
      const record = recordAt(bytes, offset - from);
      const end = (offsets[at + 1] ?? from + bytes.length) - from;
      return record === null || record.nextOffset !== end ? null : record.payload;
    });
  } finally {
    await handle.close();
  }
};
