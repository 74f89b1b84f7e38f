import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';

/**
 * A log that swears: each record is written in another file before it is appended (`will N PAYLOAD`), and once more by its number
 * when the append has resolved (`has N`).
 */
export const swornLog = async (log: DurableLog, file: string): Promise<DurableLog> => {
  const handle: FileHandle = await open(file, 'a');
  const before = (await readFile(file, 'utf8')).split('\n').length;
  let next = before;
  return {
    append: async (payloads) => {
      const numbers = payloads.map(() => next++);
      await handle.appendFile(
        payloads.map((payload, index) => `will ${numbers[index]} ${new TextDecoder().decode(payload)}\n`).join(''),
      );
      const positions = await log.append(payloads);
      await handle.appendFile(numbers.map((number) => `has ${number}\n`).join(''));
      return positions;
    },
    read: (from, limit) => log.read(from, limit),
    trim: (position) => log.trim(position),
    bounds: () => log.bounds(),
    damages: log.damages,
    get sizeBytes() {
      return log.sizeBytes;
    },
    close: async () => {
      await log.close();
      await handle.close();
    },
  };
};

interface Anchored {
  readonly anchor: { readonly boot: number; readonly startedAt: string; readonly isKnown: boolean };
}

export interface SwornRecord {
  /** As it was appended. */
  readonly batch: Telemetry;
  /** Its append resolved. */
  readonly isDurable: boolean;
}

export interface SwornRecords {
  readonly batches: readonly SwornRecord[];
  /** When the zero of a boot's elapsed stamps was, milliseconds since 1970. */
  readonly anchors: ReadonlyMap<number, { readonly startedAt: number; readonly isKnown: boolean }>;
}

const WILL = /^will (\d+) (.*)$/;
const HAS = /^has (\d+)$/;

export const hearSwornRecords = async (file: string): Promise<SwornRecords> => {
  const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
  const durable = new Set(lines.flatMap((line) => HAS.exec(line)?.[1] ?? []));
  const batches: SwornRecord[] = [];
  const anchors = new Map<number, { startedAt: number; isKnown: boolean }>();
  for (const line of lines) {
    const [, number, text] = WILL.exec(line) ?? [];
    if (number === undefined || text === undefined) continue;
    const record = JSON.parse(text) as Telemetry | Anchored;
    if ('anchor' in record) {
      const { boot, startedAt, isKnown } = record.anchor;
      anchors.set(boot, { startedAt: Date.parse(startedAt), isKnown });
    } else batches.push({ batch: record, isDurable: durable.has(number) });
  }
  return { batches, anchors };
};
