import type { Telemetry } from '#contract/messages/telemetry.ts';
import { type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { parseBatch } from './batch-record.ts';
import type { BootTrace } from './clock-anchors.ts';
import { isElapsedStamp } from './elapsed-stamp.ts';
import type { WaitingBatch } from './waiting-batches.ts';

type ReadBatches = (batches: readonly WaitingBatch[]) => Promise<ReadonlyMap<WaitingBatch, Uint8Array>>;

const stampsIn = ({ readings, events = [], reports = [] }: Telemetry): readonly string[] =>
  [...readings, ...events, ...reports].map(({ at }) => at);

const parsed = async (batch: WaitingBatch | undefined, read: ReadBatches): Promise<readonly string[]> => {
  if (batch === undefined) return [];
  const payload = (await read([batch])).get(batch);
  return payload === undefined ? [] : stampsIn(parseBatch(payload));
};

const extreme = (stamps: readonly string[], choose: (...values: number[]) => number): Instant | null =>
  stamps.length === 0 ? null : instant(choose(...stamps.map(parseInstant)));

/** What each boot that has something to send tells of its time: its last elapsed stamp, its first civil one. Reads two batches of each. */
export const traceBoots = async (waiting: Iterable<WaitingBatch>, read: ReadBatches): Promise<readonly BootTrace[]> => {
  const traces: BootTrace[] = [];
  for (const [boot, batches] of Map.groupBy(waiting, (batch) => batch.boot)) {
    const lastUnstamped = await parsed(
      batches.findLast(({ isElapsed }) => isElapsed),
      read,
    );
    const firstStamped = await parsed(
      batches.find(({ isElapsed, readings }) => !isElapsed && readings > 0),
      read,
    );
    traces.push({
      boot,
      lastElapsed: extreme(lastUnstamped.filter(isElapsedStamp), Math.max),
      firstCivil: extreme(
        firstStamped.filter((at) => !isElapsedStamp(at)),
        Math.min,
      ),
    });
  }
  return traces;
};
