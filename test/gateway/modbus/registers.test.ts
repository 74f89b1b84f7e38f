import { describe, expect, test } from 'vitest';
import { decodeRaw, REGISTER_TYPES, scaled, WORD_ORDERS, wordsOf } from '#gateway/modbus/decode.ts';
import { encodeRaw } from '#gateway/modbus/encode.ts';
import { planReads, wordsWithin } from '#gateway/modbus/read-plan.ts';

describe('a register’s words', () => {
  test.each([
    [[0x00e6], 'int16', 'high-first', 230],
    [[0xff38], 'int16', 'high-first', -200],
    [[0x08fc, 0x0000], 'int32', 'low-first', 2300],
    [[0xffff, 0xffff], 'int32', 'low-first', -1],
    [[0x0001, 0x0000], 'uint32', 'high-first', 65_536],
    [[0x0001, 0x0000], 'uint32', 'low-first', 1],
    [[0x4366, 0x0000], 'float32', 'high-first', 230],
    [[0x0000, 0x4366], 'float32', 'low-first', 230],
    [[0x7fc0, 0x0000], 'float32', 'high-first', null],
    [[0x0000, 0x0000, 0x0001, 0x0001], 'int64', 'high-first', 65_537],
    [[0xffff, 0xffff, 0xffff, 0xfffe], 'int64', 'high-first', -2],
    [[0xffff, 0xffff, 0xffff, 0xffff], 'uint64', 'high-first', null],
    [[0x0001], 'uint32', 'high-first', null],
  ] as const)('%j as %s %s is %j', (words, type, order, value) => {
    expect(decodeRaw(words, type, order)).toBe(value);
  });

  test('every type and order comes back from what was written', () => {
    for (const type of REGISTER_TYPES) {
      for (const order of WORD_ORDERS) {
        const words = encodeRaw(1234.5, 0.5, type, order);
        expect(words).toHaveLength(wordsOf(type));
        expect(scaled(decodeRaw(words, type, order) ?? Number.NaN, 0.5)).toBe(1234.5);
      }
    }
  });

  test('a scale leaves no dust behind', () => {
    expect(scaled(3, 0.1)).toBe(0.3);
    expect(scaled(999_999_999, 100)).toBe(99_999_999_900);
  });

  test('a value that the type cannot hold is refused', () => {
    expect(() => encodeRaw(70_000, 1, 'uint16', 'high-first')).toThrow(RangeError);
  });
});

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
