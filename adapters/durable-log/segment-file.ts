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
  /** Offset of each record, in order. */
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

/** Null when no whole, undamaged record begins at this offset. */
const recordAt = (bytes: Buffer, offset: number): DecodedRecord | null => {
  if (offset + HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32BE(offset);
  const nextOffset = offset + HEADER_BYTES + length;
  if (nextOffset > bytes.length) return null;
  const payload = bytes.subarray(offset + HEADER_BYTES, nextOffset);
  return crc32(payload) === bytes.readUInt32BE(offset + 4) ? { payload, nextOffset } : null;
};

/** Reads a segment's records up to its end or its first damaged byte. */
export const scanSegment = (file: string, first: number, bytes: Buffer): { segment: Segment; damagedAt: number | null } => {
  const offsets: number[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const record = recordAt(bytes, offset);
    if (record === null) return { segment: { file, first, offsets, sizeBytes: offset }, damagedAt: offset };
    offsets.push(offset);
    offset = record.nextOffset;
  }
  return { segment: { file, first, offsets, sizeBytes: offset }, damagedAt: null };
};

const readSpan = async (handle: FileHandle, from: number, to: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(to - from);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
};

/** Payloads of `count` records of a segment, from the one at `index` on. Stops at one that is damaged. */
export const readRecords = async (segment: Segment, index: number, count: number): Promise<readonly Uint8Array[]> => {
  const from = segment.offsets[index];
  if (from === undefined || count <= 0) return [];
  const to = segment.offsets[index + count] ?? segment.sizeBytes;
  const handle = await open(segment.file, 'r');
  try {
    const bytes = await readSpan(handle, from, to);
    const payloads: Uint8Array[] = [];
    for (let record = recordAt(bytes, 0); record !== null; record = recordAt(bytes, record.nextOffset))
      payloads.push(record.payload);
    return payloads;
  } finally {
    await handle.close();
  }
};
