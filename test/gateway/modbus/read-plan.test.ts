import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COST_OVER_TCP, type ReadCost, readCost } from '#gateway/modbus/read-cost.ts';
import {
  costOfPlan,
  halvesOf,
  planReads,
  type ReadLimits,
  type ReadSpan,
  type RefusedReads,
  wordsWithin,
} from '#gateway/modbus/read-plan.ts';

describe('the plan of reads', () => {
  const holding = (address: number, count: number) => ({ table: 'holding', address, count }) as const;

  test('merges neighbours and reads along a narrow hole', () => {
    expect(planReads([holding(6, 1), holding(5, 1), holding(12, 2)], { maxRegisters: 20, maxGap: 5 })).toEqual([holding(5, 9)]);
  });

  test('goes around a wide hole, and keeps tables apart', () => {
    const spans = [holding(5, 1), holding(25_034, 2), { table: 'coil', address: 5, count: 1 } as const];
    expect(planReads(spans, { maxRegisters: 125, maxGap: 10 })).toEqual([
      { table: 'coil', address: 5, count: 1 },
      holding(5, 1),
      holding(25_034, 2),
    ]);
  });

  test('respects what the device gives in one answer and never splits a value', () => {
    const spans = Array.from({ length: 10 }, (_each, index) => holding(index * 2, 2));
    expect(planReads(spans, { maxRegisters: 5, maxGap: 0 })).toEqual([0, 4, 8, 12, 16].map((address) => holding(address, 4)));
  });

  test('finds a value’s words inside its block only', () => {
    expect(wordsWithin(holding(5, 4), [1, 2, 3, 4], holding(7, 2))).toEqual([3, 4]);
    expect(wordsWithin(holding(5, 4), [1, 2, 3, 4], holding(8, 2))).toBeNull();
  });
});

describe('the plan of reads is the cheapest', () => {
  const cost: ReadCost = { requestMs: 45, registerMs: 2, bitMs: 0.125 };

  const isAllowed = (block: ReadSpan, spans: readonly ReadSpan[], limits: ReadLimits, learnt: RefusedReads): boolean => {
    const read = new Set(spans.flatMap(({ address, count }) => Array.from({ length: count }, (_each, index) => address + index)));
    let gap = 0;
    for (let address = block.address; address < block.address + block.count; address += 1) {
      gap = read.has(address) ? 0 : gap + 1;
      const crosses = address > block.address && learnt.cuts.some((cut) => cut.address === address);
      const isRefused = learnt.refused.some((span) => address >= span.address && address < span.address + span.count);
      if (gap > limits.maxGap || crosses || isRefused) return false;
    }
    return block.count <= limits.maxRegisters;
  };

  const hull = (spans: readonly ReadSpan[]): ReadSpan => {
    const address = Math.min(...spans.map((span) => span.address));
    return { table: 'holding', address, count: Math.max(...spans.map((span) => span.address + span.count)) - address };
  };

  /** A value is read whole whatever forbids it, and those inside it come along. */
  const isOneValue = (group: readonly ReadSpan[]): boolean => {
    const { address, count } = hull(group);
    return group.some((each) => each.address === address && each.count === count);
  };

  /** Every way to put spans into requests, allowed or not. */
  const groupings = (spans: readonly ReadSpan[]): readonly (readonly (readonly ReadSpan[])[])[] => {
    const [first, ...others] = spans;
    if (first === undefined) return [[]];
    return groupings(others).flatMap((groups) => [
      [[first], ...groups],
      ...groups.map((group, index) => groups.map((each, at) => (at === index ? [first, ...group] : each))),
    ]);
  };

  const cheapest = (spans: readonly ReadSpan[], limits: ReadLimits, learnt: RefusedReads): number =>
    Math.min(
      ...groupings(spans)
        .filter((groups) => groups.every((group) => isOneValue(group) || isAllowed(hull(group), group, limits, learnt)))
        .map((groups) => costOfPlan(groups.map(hull), cost)),
    );

  const span = fc.record({ table: fc.constant('holding' as const), address: fc.nat(60), count: fc.integer({ min: 1, max: 4 }) });
  const limits = fc.record({ maxRegisters: fc.integer({ min: 4, max: 40 }), maxGap: fc.nat(30) });
  const learnt = fc.record({
    cuts: fc.array(fc.record({ table: fc.constant('holding' as const), address: fc.nat(60) }), { maxLength: 2 }),
    refused: fc.array(span, { maxLength: 1 }),
  });

  test('of all groupings of up to seven values, whatever the limits and what was refused', () => {
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 7 }), limits, learnt, (spans, within, taught) => {
        const plan = planReads(spans, within, cost, taught);
        expect(spans.every((each) => plan.some((block) => wordsWithin(block, [], each) !== null))).toBe(true);
        expect(costOfPlan(plan, cost)).toBeCloseTo(cheapest(spans, within, taught), 6);
      }),
      { numRuns: 1000 },
    );
  });

  test('the 52 values of an SDM630 come in two requests at 9,600 baud', () => {
    const offsets = [
      ...Array.from({ length: 30 }, (_each, index) => index * 2),
      ...[60, 62, 66, 70, 72, 74, 76, 78],
      ...Array.from({ length: 14 }, (_each, index) => 342 + index * 2),
    ];
    expect(offsets).toHaveLength(52);
    const spans = offsets.map((address) => ({ table: 'input', address, count: 2 }) as const);
    const line = { kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, parity: 'none', stopBits: 1 } as const;
    const plan = planReads(spans, { maxRegisters: 80, maxGap: 80 }, readCost(line));
    expect(plan.map(({ address, count }) => [address, count])).toEqual([
      [0, 80],
      [342, 28],
    ]);
  });

  test('a hole is read along on a wire while it costs less than a request, and over TCP always', () => {
    const wire = readCost({ kind: 'rtu', path: '/dev/ttyUSB0', baudRate: 9600, parity: 'none', stopBits: 1 });
    const within = { maxRegisters: 125, maxGap: 124 };
    const apart = (hole: number) => [0, 2 + hole].map((address) => ({ table: 'holding', address, count: 2 }) as const);
    expect([20, 22, 60].map((hole) => planReads(apart(hole), within, wire).length)).toEqual([1, 2, 2]);
    expect([20, 22, 60].map((hole) => planReads(apart(hole), within, COST_OVER_TCP).length)).toEqual([1, 1, 1]);
  });
});

test('a refused request is cut between its values, and values that overlap stay together', () => {
  const at = (address: number, count: number) => ({ table: 'holding', address, count }) as const;
  expect(halvesOf(at(0, 12), [at(0, 2), at(4, 4), at(6, 1), at(10, 2)])).toEqual([at(0, 8), at(10, 2)]);
  expect(halvesOf(at(4, 4), [at(4, 4), at(6, 1), at(20, 2)])).toBeNull();
});
