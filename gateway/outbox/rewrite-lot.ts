import type { Telemetry } from '#contract/messages/telemetry.ts';
import { encodeBatch, parseBatch } from './batch-record.ts';
import { type ClockAnchors, stampBatch } from './clock-anchors.ts';
import { KEEPS, type Keeps, keepsLess, Thinning } from './thinning.ts';
import type { WaitingBatch, WaitingBatches } from './waiting-batches.ts';

/** What must be had from one class before the next is touched: a part of what waits. */
const WORTHWHILE_SHARE = 0.1;

/**
 * Down to what the batches are to be thinned next: the first class that still holds a worthwhile part of them. Null when
 * nothing is left to give up.
 */
export const nextThinning = (batches: Iterable<WaitingBatch>): Thinning | null => {
  const bytesOf = new Map<Keeps, number>();
  let total = 0;
  for (const { kept, bytes } of batches) {
    bytesOf.set(kept, (bytesOf.get(kept) ?? 0) + bytes);
    total += bytes;
  }
  let above = 0;
  for (const [index, keeps] of KEEPS.entries()) {
    above += bytesOf.get(keeps) ?? 0;
    const next = KEEPS[index + 1];
    if (next === undefined) break;
    const isLast = next === 'nothing';
    if (next !== 'all' && above > 0 && (isLast || above >= total * WORTHWHILE_SHARE)) return new Thinning(next);
  }
  return null;
};

/** A batch that the disk no longer gives: all that is left is to say so. */
export const damagedBatch = ({ boot, from, seq, readings }: WaitingBatch): Telemetry => ({
  boot,
  seq,
  readings: [],
  gap: { from, to: seq, lostReadings: readings, code: 'DURABLE_LOG_DAMAGED', kept: 'nothing' },
});

const follows = (last: WaitingBatch, next: WaitingBatch, all: WaitingBatches): boolean =>
  last.boot === next.boot && all.within(last.boot, last.seq + 1, next.from - 1).length === 0;

/**
 * The payloads that take the place of a lot: thinned, few for many, those that already hold less as they are. What can be
 * stamped is. `payloads` holds what the disk still gives of it.
 */
export const rewriteLot = (
  lot: readonly WaitingBatch[],
  payloads: ReadonlyMap<WaitingBatch, Uint8Array>,
  parts: { readonly all: WaitingBatches; readonly anchors: ClockAnchors; readonly thinning: Thinning },
): readonly Uint8Array[] => {
  const { all, anchors, thinning } = parts;
  const rewritten: Uint8Array[] = [];
  let run: Telemetry[] = [];
  const endRun = (): void => {
    for (const { boot, seq, content, gap } of thinning.thin(run)) rewritten.push(encodeBatch({ boot, seq }, content, gap));
    run = [];
  };
  let last: WaitingBatch | null = null;
  for (const batch of lot.toSorted((a, b) => a.boot - b.boot || a.seq - b.seq)) {
    if (last !== null && !follows(last, batch, all)) endRun();
    last = batch;
    const payload = payloads.get(batch);
    const anchor = anchors.keptOf(batch.boot);
    const content = payload === undefined ? damagedBatch(batch) : parseBatch(payload);
    const telemetry = anchor === null ? content : stampBatch(content, anchor);
    if (!keepsLess(batch.kept, thinning.keeps)) run.push(telemetry);
    else {
      endRun();
      rewritten.push(encodeBatch(batch, telemetry, telemetry.gap));
    }
  }
  endRun();
  return rewritten;
};
