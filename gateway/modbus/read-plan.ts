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
  /** Widest hole, in registers or bits, that is read along rather than asked around. 0: adjacent only. */
  readonly maxGap: number;
}

const joined = (block: ReadSpan, next: ReadSpan, { maxRegisters, maxGap }: ReadLimits): ReadSpan | null => {
  const end = Math.max(block.address + block.count, next.address + next.count);
  const limit = isBitTable(block.table) ? MAX_BITS : Math.min(maxRegisters, MAX_REGISTERS);
  const isNear = next.table === block.table && next.address - (block.address + block.count) <= maxGap;
  return isNear && end - block.address <= limit ? { ...block, count: end - block.address } : null;
};

/** Merges spans into the fewest blocks that respect the device's limits, in order of table and address. */
export const planReads = (spans: readonly ReadSpan[], limits: ReadLimits): readonly ReadSpan[] =>
  spans
    .toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address)
    .reduce<ReadSpan[]>((blocks, span) => {
      const last = blocks.at(-1);
      const merged = last === undefined ? null : joined(last, span, limits);
      if (merged === null) blocks.push({ table: span.table, address: span.address, count: span.count });
      else blocks[blocks.length - 1] = merged;
      return blocks;
    }, []);

/** The words of a span inside a block that holds it, or null. */
export const wordsWithin = (block: ReadSpan, words: readonly number[], span: ReadSpan): readonly number[] | null => {
  const from = span.address - block.address;
  const isInside = block.table === span.table && from >= 0 && from + span.count <= block.count;
  return isInside ? words.slice(from, from + span.count) : null;
};
