import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitField, bitsOf, decodeRaw, scaled } from '#gateway/modbus/decode.ts';
import { encodeRaw } from '#gateway/modbus/encode.ts';
import {
  BYTE_ORDERS,
  REGISTER_TYPES,
  type RegisterLayout,
  type RegisterType,
  WORD_ORDERS,
  type WordOrder,
  wordsOf,
} from '#gateway/modbus/register-layout.ts';

const plain = (type: RegisterType): RegisterLayout => ({ type, wordOrder: 'high-first' });

/** One value of each type by its words, most significant first. */
const GOLDEN: Readonly<Record<RegisterType, readonly [number | bigint, readonly number[]]>> = {
  uint16: [0x1234n, [0x1234]],
  int16: [-200n, [0xff38]],
  bcd16: [1234n, [0x1234]],
  uint32: [0x12345678n, [0x1234, 0x5678]],
  int32: [-2n, [0xffff, 0xfffe]],
  float32: [230.4, [0x4366, 0x6666]],
  bcd32: [98_765_432n, [0x9876, 0x5432]],
  uint64: [0x0123456789abcdefn, [0x0123, 0x4567, 0x89ab, 0xcdef]],
  int64: [-9_007_199_254_740_993n, [0xffdf, 0xffff, 0xffff, 0xffff]],
  float64: [1234.5678, [0x4093, 0x4a45, 0x6d5c, 0xfaad]],
};

const ORDERED: Readonly<Record<WordOrder, (words: readonly number[]) => readonly (number | undefined)[]>> = {
  'high-first': (words) => words,
  'low-first': (words) => words.toReversed(),
  'halves-swapped': (words) => (words.length < 4 ? words : [words[2], words[3], words[0], words[1]]),
  'pairs-swapped': (words) => (words.length < 4 ? words.toReversed() : [words[1], words[0], words[3], words[2]]),
};
const swapBytes = (word = 0): number => ((word & 0xff) << 8) | (word >> 8);

const combinations = REGISTER_TYPES.flatMap((type) =>
  WORD_ORDERS.flatMap((wordOrder) => BYTE_ORDERS.map((byteOrder) => ({ type, wordOrder, byteOrder }))),
);

describe('a register’s words', () => {
  test.each(combinations)('$type, words $wordOrder, bytes $byteOrder, is the number that was written', (layout) => {
    const [value, words] = GOLDEN[layout.type];
    const received = ORDERED[layout.wordOrder](words).map((word) =>
      layout.byteOrder === 'low-first' ? swapBytes(word) : (word ?? 0),
    );
    expect(decodeRaw(received, layout)).toBe(value);
    if (typeof value === 'bigint' && value < 2n ** 53n && value > -(2n ** 53n))
      expect(encodeRaw(Number(value), 1, layout)).toEqual(received);
    if (typeof value === 'number') expect(encodeRaw(value, 1, layout)).toEqual(received);
  });

  test('any number comes back from what was written, in every type and order', () => {
    const magnitude: Readonly<Record<RegisterType, fc.Arbitrary<number>>> = {
      uint16: fc.integer({ min: 0, max: 0xffff }),
      int16: fc.integer({ min: -0x8000, max: 0x7fff }),
      bcd16: fc.integer({ min: 0, max: 9999 }),
      uint32: fc.integer({ min: 0, max: 0xffffffff }),
      int32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
      bcd32: fc.integer({ min: 0, max: 99_999_999 }),
      uint64: fc.maxSafeNat(),
      int64: fc.maxSafeInteger(),
      float32: fc.float({ noNaN: true, noDefaultInfinity: true, min: -9_000_000, max: 9_000_000 }),
      float64: fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 9e15 }),
    };
    const written = fc
      .constantFrom(...combinations)
      .chain((layout) => fc.tuple(fc.constant<RegisterLayout>(layout), magnitude[layout.type]));
    fc.assert(
      fc.property(written, ([layout, value]) => {
        const words = encodeRaw(value, 1, layout);
        expect(words).toHaveLength(wordsOf(layout.type));
        const back = scaled(decodeRaw(words, layout) ?? Number.NaN, 1) ?? Number.NaN;
        expect(layout.type === 'float32' ? Math.fround(back) : back).toBe(value + 0);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [[0x7fc0, 0x0000], 'float32', 'NaN'],
    [[0x7f80, 0x0000], 'float32', 'infinite'],
    [[0xff80, 0x0000], 'float32', 'infinite'],
    [[0x7ff8, 0, 0, 0], 'float64', 'NaN'],
    [[0x7ff0, 0, 0, 0], 'float64', 'infinite'],
    [[0x12a4], 'bcd16', 'with a digit above nine'],
    [[0xffff, 0xffff], 'bcd32', 'with a digit above nine'],
    [[0x0001], 'uint32', 'too short'],
    [[0x0001, 0x0002], 'uint16', 'too long'],
  ] as const)('%j as %s is no number: it is %s', (words, type, _why) => {
    expect(decodeRaw(words, plain(type))).toBeNull();
  });

  test('a bit pattern is compared as it stands in the maker’s document, whatever the order it came in', () => {
    expect(bitsOf([0xffff, 0x7fff], { type: 'int32', wordOrder: 'low-first' })).toBe(0x7fffffffn);
    expect(bitsOf([0xff7f], { type: 'int16', wordOrder: 'high-first', byteOrder: 'low-first' })).toBe(0x7fffn);
  });

  test('a field of bits is cut out unsigned', () => {
    expect(bitField(0xa5c3n, 4, 8)).toBe(0x5c);
    expect(bitField(2n ** 63n, 63, 1)).toBe(1);
  });

  test('a value that the type cannot hold is refused', () => {
    expect(() => encodeRaw(70_000, 1, plain('uint16'))).toThrow(RangeError);
    expect(() => encodeRaw(-1, 1, plain('bcd16'))).toThrow(RangeError);
    expect(() => encodeRaw(10_000, 1, plain('bcd16'))).toThrow(RangeError);
  });
});

describe('a scale', () => {
  test.each([
    [2183n, 0.1, 218.3],
    [3n, 0.1, 0.3],
    [999_999_999n, 100, 99_999_999_900],
    [-5n, 0.001, -0.005],
    [230.4, 1000, 230_400],
    [12_345.678, 1000, 12_345_678],
    [4_096_000n, 2.441_41e-7, 1.000_001_536],
    [36_000_000n, 0.000_277_777_777_777_777_8, 10_000],
  ])('%s × %d is %d, without dust', (raw, scale, value) => {
    expect(scaled(raw, scale)).toBe(value);
  });

  test('every hundredth of the field’s range is the decimal that a person would write', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.constantFrom(1, 2, 3), (raw, decimals) => {
        const scale = Number(`1e-${decimals}`);
        expect(scaled(BigInt(raw), scale)).toBe(Number(`${raw}e-${decimals}`));
      }),
    );
  });

  test('any whole number by any scale is the decimal product, rounded once', () => {
    const scale = fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -12, max: 6 }));
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
        fc.integer({ min: 0, max: 61 }),
        scale,
        (any, bits, [digits, power]) => {
          const raw = any >> BigInt(bits);
          const exact = Number(`${raw * BigInt(digits)}e${power}`);
          expect(scaled(raw, Number(`${digits}e${power}`))).toBe(Math.abs(exact) <= Number.MAX_SAFE_INTEGER ? exact : null);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('64 bits are exact until 2^53 in the target unit, and missing beyond: never rounded', () => {
    expect(scaled(9_007_199_254_740_991n, 1)).toBe(9_007_199_254_740_991);
    expect(scaled(9_007_199_254_740_993n, 1)).toBeNull();
    expect(scaled(9_007_199_254_740_993n, 0.001)).toBe(9_007_199_254_740.992);
    expect(scaled(9_007_199_254_740_991n, 10)).toBeNull();
  });

  test('what is written divides by the scale to the nearest step', () => {
    expect(encodeRaw(50.4, 0.1, plain('uint16'))).toEqual([504]);
    expect(encodeRaw(-0.05, 0.1, plain('int16'))).toEqual([0xffff]);
    expect(encodeRaw(1234.5, 0.5, plain('uint32'))).toEqual([0, 2469]);
  });
});
