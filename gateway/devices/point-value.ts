import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { decimalOf, numberOf, product } from '#gateway/modbus/decimal.ts';
import { bitField, bitsOf, decodeRaw, type RawValue, scaled } from '#gateway/modbus/decode.ts';
import { type ReadSpan, wordsWithin } from '#gateway/modbus/read-plan.ts';
import { wordsOf } from '#gateway/modbus/register-layout.ts';
import { levelPercentOf } from '#gateway/profiles/level-scale.ts';
import type { ProfilePoint, RegisterPoint } from '#gateway/profiles/profile-point.ts';

const bitsAsOne = (words: readonly number[], combine: 'any' | 'all' | undefined): number =>
  combine === 'all' ? Number(words.every((bit) => bit === 1)) : Number(words.some((bit) => bit === 1));

const isUnknown = (point: RegisterPoint, words: readonly number[], raw: RawValue): boolean =>
  (point.unknown ?? []).some((sentinel) =>
    typeof sentinel === 'string' ? bitsOf(words, point) === BigInt(sentinel) : sentinel === Number(raw),
  );

const LARGEST_EXPONENT = 12;
const SIGN_BIT = 0x8000;

/** What a value is multiplied by; null when the register that says it holds no meter's exponent. */
const scaleOf = ({ scale, exponent }: RegisterPoint, words: readonly number[]): number | null => {
  if (exponent === undefined) return scale;
  const word = words[exponent.offset] ?? SIGN_BIT;
  const power = (word ^ SIGN_BIT) - SIGN_BIT + exponent.plus;
  return Math.abs(power) > LARGEST_EXPONENT ? null : numberOf(product(decimalOf(scale), { mantissa: 1n, exponent: power }));
};

/** `words` may go on after the value's own, to the register that says what the value is. */
const registerValue = (point: RegisterPoint, words: readonly number[]): number | null => {
  const { bit, bits, level, onlyIf } = point;
  if (onlyIf !== undefined && words[onlyIf.offset] !== onlyIf.equals) return null;
  const own = words.length === wordsOf(point.type) ? words : words.slice(0, wordsOf(point.type));
  const raw = decodeRaw(own, point);
  if (raw === null || isUnknown(point, own, raw)) return null;
  if (bit !== undefined) return bitField(bitsOf(own, point), bit, 1);
  const held = bits === undefined ? raw : BigInt(bitField(bitsOf(own, point), bits.shift, bits.width));
  if (level !== undefined) return levelPercentOf(Number(held), level);
  const scale = scaleOf(point, words);
  return scale === null ? null : scaled(held, scale);
};

/** Null is missing: unknown to the device, not a number, or one that the quantity cannot have: a fault of the device is not a reading. */
export const pointValue = (quantity: QuantityName, point: ProfilePoint, words: readonly number[]): number | null => {
  const value = 'type' in point ? registerValue(point, words) : bitsAsOne(words, point.combine);
  const { min, max } = QUANTITIES[quantity];
  return value !== null && value >= min && value <= max ? value : null;
};

/** Notes the values that one answer holds, of these places. */
export const takeValues = (
  values: Map<QuantityName, number | null>,
  { block, words }: { readonly block: ReadSpan; readonly words: readonly number[] },
  places: readonly { readonly quantity: QuantityName; readonly point: ProfilePoint; readonly span: ReadSpan }[],
): void => {
  for (const { quantity, point, span } of places) {
    const own = wordsWithin(block, words, span);
    if (own !== null) values.set(quantity, pointValue(quantity, point, own));
  }
};
