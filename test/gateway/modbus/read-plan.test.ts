import { describe, expect, test } from 'vitest';
import { planReads, wordsWithin } from '#gateway/modbus/read-plan.ts';

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
