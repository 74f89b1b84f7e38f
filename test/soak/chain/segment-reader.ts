import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Written apart from the log that it reads: a record is its length and CRC-32, both 32 bits big-endian, then JSON. */
const HEADER_BYTES = 8;

export interface KeptBatch {
  readonly boot: number;
  readonly seq: number;
}

const recordsOf = (bytes: Buffer): readonly Buffer[] => {
  const records: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    if (end > bytes.length || crc32(payload) !== bytes.readUInt32BE(at + 4)) break;
    records.push(payload);
    at = end;
  }
  return records;
};

/** Batches that a stopped gateway will find again: whole in its segment files and not behind its trim mark. */
export const batchesOnDisk = async (folder: string): Promise<readonly KeptBatch[]> => {
  const mark = await readFile(join(folder, 'trimmed.json'), 'utf8').catch(() => '{"before":0}');
  const { before } = JSON.parse(mark) as { before: number };
  const kept: KeptBatch[] = [];
  for (const name of (await readdir(folder)).filter((file) => file.startsWith('segment-')).sort()) {
    const first = Number(name.slice('segment-'.length, -'.log'.length));
    const records = recordsOf(await readFile(join(folder, name)));
    for (const payload of records.slice(Math.max(0, before - first))) {
      const { boot, seq } = JSON.parse(payload.toString()) as Partial<KeptBatch>;
      if (boot !== undefined && seq !== undefined) kept.push({ boot, seq });
    }
  }
  return kept;
};
