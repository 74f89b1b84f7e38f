import { type Decimal, decimalOf, numberOf, product } from './decimal.ts';
import { bytesFrom, type RegisterLayout, type RegisterType, wordsOf } from './register-layout.ts';

/** What stands in the registers before any scale: a whole number is a bigint, exact at any size. */
export type RawValue = bigint | number;

const DECIMAL_DIGITS = /^\d+$/;

const bcd = (bytes: Buffer): bigint | null => {
  const digits = bytes.toString('hex');
  return DECIMAL_DIGITS.test(digits) ? BigInt(digits) : null;
};

const FLOAT32_MOST_DIGITS = 9;
const FLOAT32_LEAST_DIGITS = 6;

/** The shortest decimal that reads back as the same 32-bit float: 230.4, not 230.39999389648438. */
const shortestFloat32 = (value: number): number => {
  for (let digits = FLOAT32_LEAST_DIGITS; digits < FLOAT32_MOST_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(FLOAT32_MOST_DIGITS));
};

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const float32 = (bytes: Buffer): number | null => {
  const value = finite(bytes.readFloatBE());
  return value === null ? null : shortestFloat32(value);
};

const READERS: Readonly<Record<RegisterType, (bytes: Buffer) => RawValue | null>> = {
  uint16: (bytes) => BigInt(bytes.readUInt16BE()),
  int16: (bytes) => BigInt(bytes.readInt16BE()),
  uint32: (bytes) => BigInt(bytes.readUInt32BE()),
  int32: (bytes) => BigInt(bytes.readInt32BE()),
  uint64: (bytes) => bytes.readBigUInt64BE(),
  int64: (bytes) => bytes.readBigInt64BE(),
  float32,
  float64: (bytes) => finite(bytes.readDoubleBE()),
  bcd16: bcd,
  bcd32: bcd,
};

/** Null when the words are not those of a number: too few, NaN or infinite, or a BCD digit above nine. */
export const decodeRaw = (words: readonly number[], layout: RegisterLayout): RawValue | null =>
  words.length === wordsOf(layout.type) ? READERS[layout.type](bytesFrom(words, layout)) : null;

/** The words as one unsigned whole number, for comparison with a bit pattern of the maker's document. */
export const bitsOf = (words: readonly number[], layout: RegisterLayout): bigint =>
  BigInt(`0x0${bytesFrom(words, layout).toString('hex')}`);

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);
const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

const asDecimal = (raw: RawValue): Decimal => (typeof raw === 'bigint' ? { mantissa: raw, exponent: 0 } : decimalOf(raw));

const fitsExactly = (value: number): boolean => Math.abs(value) <= Number.MAX_SAFE_INTEGER;

/** A scale as one whole number over another, both held by doubles to the unit. */
interface Ratio {
  readonly times: number;
  readonly over: number;
}

/** Ten to this power is the largest that a double holds to the unit. */
const LARGEST_EXACT_POWER = 22;

const ratioOf = (scale: number): Ratio | null => {
  const { mantissa, exponent } = decimalOf(scale);
  if (magnitude(mantissa) > LARGEST || Math.abs(exponent) > LARGEST_EXACT_POWER) return null;
  return exponent < 0
    ? { times: Number(mantissa), over: 10 ** -exponent }
    : { times: Number(mantissa) * 10 ** exponent, over: 1 };
};

/** By scale: profiles have few. */
const RATIOS = new Map<number, Ratio | null>();

const knownRatio = (scale: number): Ratio | null => {
  const known = RATIOS.get(scale);
  if (known !== undefined) return known;
  const ratio = ratioOf(scale);
  RATIOS.set(scale, ratio);
  return ratio;
};

/** The same as in decimal arithmetic, of whole numbers that doubles hold: one division of two such is rounded once. Null for others. */
const scaledWhole = (raw: RawValue, scale: number): number | null => {
  const whole = Number(raw);
  const ratio = Number.isSafeInteger(whole) ? knownRatio(scale) : null;
  const product = ratio === null ? Number.NaN : whole * ratio.times;
  return ratio !== null && Number.isSafeInteger(product) ? product / ratio.over + 0 : null;
};

/**
 * Raw value times scale, in decimal arithmetic: 2183 × 0.1 is 218.3. Null beyond ±2^53 in the target unit: no double
 * holds such a counter to the unit, and a rounded register would be a wrong one.
 */
export const scaled = (raw: RawValue, scale: number): number | null => {
  if (scale === 1 && typeof raw === 'number') return fitsExactly(raw) ? raw + 0 : null;
  const value = scaledWhole(raw, scale) ?? numberOf(product(asDecimal(raw), decimalOf(scale)));
  return fitsExactly(value) ? value : null;
};

/** Unsigned field of `width` bits from bit `shift`, 0 the least significant. */
export const bitField = (bits: bigint, shift: number, width: number): number =>
  Number((bits >> BigInt(shift)) & ((1n << BigInt(width)) - 1n));
