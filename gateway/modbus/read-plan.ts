import { COST_OVER_TCP, type ReadCost } from './read-cost.ts';
import { isBitTable, MAX_BITS, MAX_REGISTERS, type Table } from './requests.ts';

/** A run of registers (or bits) that one value needs; never split. */
export interface ReadSpan {
  readonly table: Table;
  readonly address: number;
  readonly count: number;
}

export interface ReadLimits {
  /** Most registers that the device gives in one answer, 125 at most. */
  readonly maxRegisters: number;
  /** Widest hole, in registers or bits, that the device lets read along. 0: adjacent only. */
  readonly maxGap: number;
}

/** What a device taught by refusing. */
export interface RefusedReads {
  /** No request goes over the border before this address. */
  readonly cuts: readonly { readonly table: Table; readonly address: number }[];
  /** No request touches these. */
  readonly refused: readonly ReadSpan[];
}

const NOTHING_REFUSED: RefusedReads = { cuts: [], refused: [] };

interface Rules extends ReadLimits, RefusedReads {
  readonly cost: ReadCost;
}

const endOf = ({ address, count }: ReadSpan): number => address + count;

const byPlace = (a: ReadSpan, b: ReadSpan): number =>
  a.table.localeCompare(b.table) || a.address - b.address || b.count - a.count;

const touches = (block: ReadSpan, other: ReadSpan): boolean =>
  block.table === other.table && block.address < endOf(other) && other.address < endOf(block);

/** A block and the next span in one request, or null when that may not be. Spans come by address. */
const joined = (block: ReadSpan, next: ReadSpan, { maxRegisters, maxGap, cuts, refused }: Rules): ReadSpan | null => {
  if (next.table === block.table && endOf(next) <= endOf(block)) return block;
  const whole = { ...block, count: Math.max(endOf(block), endOf(next)) - block.address };
  const limit = isBitTable(block.table) ? MAX_BITS : Math.min(maxRegisters, MAX_REGISTERS);
  const mayBe =
    next.table === block.table &&
    next.address - endOf(block) <= maxGap &&
    whole.count <= limit &&
    !cuts.some(({ table, address }) => table === whole.table && whole.address < address && address < endOf(whole)) &&
    !refused.some((span) => touches(whole, span));
  return mayBe ? whole : null;
};

const costOf = ({ table, count }: ReadSpan, { requestMs, registerMs, bitMs }: ReadCost): number =>
  requestMs + count * (isBitTable(table) ? bitMs : registerMs);

interface Plan {
  readonly costMs: number;
  readonly last: ReadSpan | null;
  readonly before: Plan | null;
}

const blocksOf = (plan: Plan | null): readonly ReadSpan[] =>
  plan === null || plan.last === null ? [] : [...blocksOf(plan.before), plan.last];

/**
 * The cheapest requests that read every span. The best plan of the first spans, by address, is the best plan of fewer of
 * them and one request for the rest: an exchange shows that no plan whose requests interleave is cheaper.
 */
export const planReads = (
  spans: readonly ReadSpan[],
  limits: ReadLimits,
  cost: ReadCost = COST_OVER_TCP,
  learnt: RefusedReads = NOTHING_REFUSED,
): readonly ReadSpan[] => {
  const rules = { ...limits, ...learnt, cost };
  const sorted = spans.toSorted(byPlace);
  const best: Plan[] = [{ costMs: 0, last: null, before: null }];
  for (const [from, first] of sorted.entries()) {
    const before = best[from];
    if (before === undefined) break;
    let block: ReadSpan | null = { table: first.table, address: first.address, count: first.count };
    for (let to = from; block !== null; to += 1) {
      const costMs: number = before.costMs + costOf(block, cost);
      const known = best[to + 1];
      if (known === undefined || costMs < known.costMs) best[to + 1] = { costMs, last: block, before };
      const next: ReadSpan | undefined = sorted[to + 1];
      block = next === undefined ? null : joined(block, next, rules);
    }
  }
  return blocksOf(best[sorted.length] ?? null);
};

/** What a plan takes of the line's time. */
export const costOfPlan = (blocks: readonly ReadSpan[], cost: ReadCost): number =>
  blocks.reduce((total, block) => total + costOf(block, cost), 0);

/** Two requests for the spans of one, and the address where the second begins; null when they cannot be told apart. */
export const halvesOf = (block: ReadSpan, spans: readonly ReadSpan[]): readonly [ReadSpan, ReadSpan] | null => {
  const clusters = spans
    .filter((span) => isWithin(block, span))
    .toSorted(byPlace)
    .reduce<ReadSpan[]>((known, span) => {
      const last = known.at(-1);
      if (last === undefined || !touches(last, span)) return [...known, { ...span }];
      return [...known.slice(0, -1), { ...last, count: Math.max(endOf(last), endOf(span)) - last.address }];
    }, []);
  const middle = Math.ceil(clusters.length / 2);
  const [first, second, last] = [clusters[0], clusters[middle], clusters.at(-1)];
  const endOfFirst = clusters[middle - 1];
  if (first === undefined || second === undefined || last === undefined || endOfFirst === undefined) return null;
  return [
    { table: block.table, address: first.address, count: endOf(endOfFirst) - first.address },
    { table: block.table, address: second.address, count: endOf(last) - second.address },
  ];
};

export const isWithin = (block: ReadSpan, span: ReadSpan): boolean =>
  block.table === span.table && span.address >= block.address && endOf(span) <= endOf(block);

/** The words of a span inside a block that holds it, or null. */
export const wordsWithin = (block: ReadSpan, words: readonly number[], span: ReadSpan): readonly number[] | null => {
  const from = span.address - block.address;
  return isWithin(block, span) ? words.slice(from, from + span.count) : null;
};
