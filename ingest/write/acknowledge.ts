import type { Ack } from '#contract/messages/ack.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import type { CheckedBatch } from './batch.ts';

export interface AddressedAck {
  readonly gateway: GatewayId;
  readonly ack: Ack;
}

/** Most ranges or refusals that one message holds. */
const ITEMS_LIMIT = 1_000;

const rangesOf = (batches: readonly CheckedBatch[]): [number, number][] => {
  const ranges: [number, number][] = [];
  for (const { from, seq } of batches.toSorted((a, b) => a.from - b.from)) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], seq);
    else ranges.push([from, seq]);
  }
  return ranges;
};

const refusalsOf = (batches: readonly CheckedBatch[]): Ack['refused'] => {
  const refusals = new Map<string, Ack['refused'][number]>();
  for (const { seq, refused, refusedPoints } of batches) {
    if (refused !== null) refusals.set(`${seq}`, { seq, code: refused });
    else for (const { point, code } of refusedPoints) refusals.set(`${seq}/${point}/${code}`, { seq, code, point });
  }
  return [...refusals.values()];
};

const chunks = <T>(list: readonly T[], index: number): T[] => list.slice(index * ITEMS_LIMIT, (index + 1) * ITEMS_LIMIT);

/** What each gateway is told of batches that are settled: one message per gateway and boot, more when it would be too long. */
export const acknowledge = (batches: readonly CheckedBatch[]): AddressedAck[] => {
  const groups = Map.groupBy(batches, ({ gateway, boot }) => `${gateway}/${boot}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const ranges = rangesOf(group.filter(({ refused }) => refused === null));
    const refused = refusalsOf(group);
    const messages = Math.max(1, Math.ceil(ranges.length / ITEMS_LIMIT), Math.ceil(refused.length / ITEMS_LIMIT));
    return Array.from({ length: messages }, (_, index) => ({
      gateway: first.gateway,
      ack: { boot: first.boot, ranges: chunks(ranges, index), refused: chunks(refused, index) },
    }));
  });
};
