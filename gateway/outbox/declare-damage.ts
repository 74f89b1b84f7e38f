import type { Gap, Telemetry } from '#contract/messages/telemetry.ts';
import type { LogDamage } from '#contract/ports/durable-log.ts';
import { occurrences } from './batch-record.ts';
import { lostNumbers, type NumberRange } from './lost-numbers.ts';
import type { WaitingBatch, WaitingBatches } from './waiting-batches.ts';

/** Without the numbers of batches that wait: a gap would take their place. */
const unheldParts = ({ boot, from, to }: NumberRange, waiting: WaitingBatches): readonly NumberRange[] => {
  const parts: NumberRange[] = [];
  let next = from;
  for (const batch of waiting.within(boot, from, to)) {
    if (batch.from > next) parts.push({ boot, from: next, to: batch.from - 1 });
    next = batch.seq + 1;
  }
  return next > to ? parts : [...parts, { boot, from: next, to }];
};

/** As far as what is left of them tells. */
const lossesIn = (remains: Uint8Array): Pick<Gap, 'lostReadings' | 'lostEvents'> => {
  const text = new TextDecoder().decode(remains);
  const lostEvents = occurrences(text, '{"event":') + occurrences(text, '"phase":');
  const lostReadings = Math.max(occurrences(text, '{"point":'), occurrences(text, '"values":{'));
  return { lostReadings, ...(lostEvents === 0 ? {} : { lostEvents }) };
};

/**
 * Batches that stand for the numbers that were lost to damage of the log. What was lost is counted in the first of each damage. `waiting` holds every
 * whole batch of the log; `boot` is the running one.
 */
export const declareDamages = (damages: readonly LogDamage[], waiting: WaitingBatches, boot: number): readonly Telemetry[] => {
  if (damages.length === 0) return [];
  const placed = [...waiting]
    .flatMap((batch) => (batch.position === null ? [] : [{ batch, position: batch.position }]))
    .sort((a, b) => a.position - b.position);
  const neighbour = (found: { readonly batch: WaitingBatch } | undefined): WaitingBatch | null => found?.batch ?? null;
  return damages.flatMap((damage) => {
    const before = neighbour(placed.findLast(({ position }) => position < damage.from));
    const after = neighbour(placed.find(({ position }) => position >= damage.to));
    const parts = lostNumbers(damage, before, after, boot).flatMap((range) => unheldParts(range, waiting));
    return parts.map((range, index): Telemetry => {
      const losses = index === 0 ? lossesIn(damage.remains) : { lostReadings: 0 };
      const gap: Gap = { from: range.from, to: range.to, ...losses, code: 'DURABLE_LOG_DAMAGED', kept: 'nothing' };
      return { boot: range.boot, seq: range.to, readings: [], gap };
    });
  });
};
