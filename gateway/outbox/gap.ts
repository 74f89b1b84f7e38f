import type { DurableLog, LogPosition } from '#contract/ports/durable-log.ts';
import { type BatchNumber, encodeBatch, parseBatch } from './batch-record.ts';

export interface OutboxEntry extends BatchNumber {
  readonly position: LogPosition;
  state: 'waiting' | 'sent';
  /** Monotonic, of the last time it was sent. */
  sentAt: number;
  attempts: number;
  /** Its payload while it was never sent and was born under a living link; null: it is history. */
  live: Uint8Array | null;
  /** It takes the number of batches given up: an acknowledgement of theirs is not its own before it was sent. */
  readonly isGap?: boolean;
}

interface Span {
  readonly boot: number;
  readonly from: number;
  readonly to: number;
  readonly lostReadings: number;
}

/** At least this share of what waits is given up at once, so that a full disk does not cost a gap per batch. */
const GIVEN_UP_SHARE = 0.1;

/** Readings of a batch, its own or those of a gap it told, and the numbers they had. */
const readingsIn = (payload: Uint8Array): { readings: number; from: number; to: number } => {
  const { readings, gap, seq } = parseBatch(payload);
  return { readings: readings.length + (gap?.lostReadings ?? 0), from: gap?.from ?? seq, to: gap?.to ?? seq };
};

/** The numbers given up, and how many readings they held, by boot. */
const spansOf = async (log: DurableLog, given: readonly OutboxEntry[]): Promise<readonly Span[]> => {
  const spans = new Map<number, Span>();
  for (const { boot, position } of given) {
    const [record] = await log.read(position, 1);
    if (record === undefined || record.position !== position) continue;
    const part = readingsIn(record.payload);
    const span = spans.get(boot) ?? { boot, from: part.from, to: part.to, lostReadings: 0 };
    spans.set(boot, {
      boot,
      from: Math.min(span.from, part.from),
      to: Math.max(span.to, part.to),
      lostReadings: span.lostReadings + part.readings,
    });
  }
  return [...spans.values()];
};

const tell = async (log: DurableLog, spans: readonly Span[]): Promise<readonly OutboxEntry[]> => {
  if (spans.length === 0) return [];
  const payloads = spans.map(({ boot, from, to, lostReadings }) =>
    encodeBatch({ boot, seq: to }, { readings: [] }, { from, to, lostReadings, code: 'DURABLE_LOG_FULL' }),
  );
  const positions = await log.append(payloads);
  return spans.flatMap(({ boot, to }, index) => {
    const position = positions[index];
    return position === undefined
      ? []
      : [{ boot, seq: to, position, state: 'waiting' as const, sentAt: 0, attempts: 0, live: null, isGap: true }];
  });
};

/**
 * Gives up the oldest batches until the log is below a size. Each lot is replaced by one explicit gap per boot, on the disk
 * before the lot is forgotten; the gap takes the last of the numbers it replaces, so that no number is ever given twice.
 */
export const giveUpOldest = async (
  log: DurableLog,
  entries: readonly OutboxEntry[],
  underBytes: number,
): Promise<{ readonly dropped: readonly OutboxEntry[]; readonly added: readonly OutboxEntry[] }> => {
  const byAge = entries.toSorted((a, b) => a.position - b.position);
  const lotSize = Math.max(1, Math.ceil(byAge.length * GIVEN_UP_SHARE));
  const dropped: OutboxEntry[] = [];
  const added: OutboxEntry[] = [];
  while (dropped.length < byAge.length && (dropped.length === 0 || log.sizeBytes > underBytes)) {
    const lot = byAge.slice(dropped.length, dropped.length + lotSize);
    added.push(...(await tell(log, await spansOf(log, lot))));
    dropped.push(...lot);
    const kept = [byAge[dropped.length], added[0]].flatMap((entry) => (entry === undefined ? [] : [entry.position]));
    await log.trim(Math.min(log.bounds().next, ...kept) as LogPosition);
  }
  return { dropped, added };
};
