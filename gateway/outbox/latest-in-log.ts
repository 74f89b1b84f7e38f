import type { DurableLog } from '#contract/ports/durable-log.ts';
import { type Instant, parseInstant } from '#domain/civil-time.ts';
import { batchNumberOf, parseBatch } from './batch-record.ts';

const RECORDS_AT_ONCE = 200;

/**
 * Instant of the latest reading in a gateway's outbox, sent or not; null when it holds none. A clock that begins before
 * it would have these readings come from the future.
 */
export const latestInLog = async (log: DurableLog): Promise<Instant | null> => {
  let latest: Instant | null = null;
  for (let from = log.bounds().first; ; ) {
    const records = await log.read(from, RECORDS_AT_ONCE);
    const last = records.at(-1);
    if (last === undefined) return latest;
    for (const { payload } of records) {
      if (batchNumberOf(payload) === null) continue;
      for (const { at } of parseBatch(payload).readings) {
        const readAt = parseInstant(at);
        if (latest === null || readAt > latest) latest = readAt;
      }
    }
    from = (last.position + 1) as typeof from;
  }
};
