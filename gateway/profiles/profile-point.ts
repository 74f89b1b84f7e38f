import { z } from 'zod';
import { BYTE_ORDERS, REGISTER_TYPES, type RegisterType, WORD_ORDERS, wordsOf } from '../modbus/register-layout.ts';
import { LEVEL_SCALES } from './level-scale.ts';

export const addressField = z.int().min(0).max(65_535);
/** Distance between the registers of two channels. */
export const stepField = z.int().min(1).max(65_535).optional();

const HEX_PATTERN = /^0x[0-9A-Fa-f]{1,16}$/;

/** A raw number, or in quotes the bit pattern of the whole value as the maker prints it: "0x7FFFFFFF". */
const sentinelField = z.union([z.int(), z.string().regex(HEX_PATTERN, 'a bit pattern is written "0x7FFFFFFF"')]);

/** How the words of a value become a number, and a number words. */
export const layoutFields = {
  type: z.enum(REGISTER_TYPES),
  /** `halves-swapped` and `pairs-swapped` are for values of four registers. */
  wordOrder: z.enum(WORD_ORDERS),
  /** Bytes inside a register; the most significant first when absent, as the Modbus specification says. */
  byteOrder: z.enum(BYTE_ORDERS).optional(),
  /** Value = raw × scale, in the unit said. */
  scale: z.number().positive(),
  /** How the device counts a light level; the value is then % of full light and the scale 1. */
  level: z.enum(LEVEL_SCALES).optional(),
};

const registerPoint = z.strictObject({
  table: z.enum(['holding', 'input']),
  address: addressField,
  step: stepField,
  ...layoutFields,
  unit: z.string().min(1).max(8),
  /** One bit of the value, 0 the least significant; the value is then 0 or 1. */
  bit: z.int().min(0).max(63).optional(),
  /** Several neighbouring bits of the value, unsigned, before the scale. */
  bits: z.strictObject({ shift: z.int().min(0).max(63), width: z.int().min(1).max(53) }).optional(),
  /** What the device says when it does not know: the value is then missing. NaN and infinity always are. */
  unknown: z.array(sentinelField).max(8).optional(),
  /**
   * For a device that says its own scale: the value is also multiplied by 10 to the signed number of this register, from the
   * point's own, plus `plus`. Missing when that is no meter's, beyond ±12.
   */
  exponent: z.strictObject({ offset: z.int().min(1).max(31), plus: z.int().min(-12).max(12).default(0) }).optional(),
  /** For a device that describes its own registers: the value is missing unless this register, from the point's own, holds this. */
  onlyIf: z.strictObject({ offset: z.int().min(1).max(31), equals: z.int().min(0).max(65_535) }).optional(),
});
export type RegisterPoint = z.infer<typeof registerPoint>;

const bitPoint = z.strictObject({
  table: z.enum(['coil', 'discrete']),
  address: addressField,
  step: stepField,
  unit: z.literal('1'),
  /** Several bits said as one, for a device without channel. */
  count: z.int().min(2).max(64).optional(),
  combine: z.enum(['any', 'all']).optional(),
});

export const pointField = z.discriminatedUnion('table', [registerPoint, bitPoint]);
export type ProfilePoint = z.infer<typeof pointField>;

export interface PointProblem {
  readonly key: string;
  readonly message: string;
}

const isFloat = (type: RegisterType): boolean => type === 'float32' || type === 'float64';

/** Of how words are read or written. */
export const problemsOfLayout = (
  point: Pick<RegisterPoint, 'type' | 'wordOrder' | 'level' | 'scale'>,
): readonly PointProblem[] => {
  const { type, wordOrder, level, scale } = point;
  const problems: PointProblem[] = [];
  if (wordOrder.endsWith('-swapped') && wordsOf(type) !== 4)
    problems.push({ key: 'wordOrder', message: `${wordOrder} is for a value of four registers, not ${type}` });
  if (level !== undefined && scale !== 1) problems.push({ key: 'scale', message: 'a level has its own scale: write scale: 1' });
  if (level !== undefined && isFloat(type)) problems.push({ key: 'level', message: `a level is a whole number, not ${type}` });
  return problems;
};

const problemOfBits = ({ type, bit, bits }: RegisterPoint): PointProblem | null => {
  if (bit === undefined && bits === undefined) return null;
  const key = bit === undefined ? 'bits' : 'bit';
  if (bit !== undefined && bits !== undefined) return { key, message: 'one bit or several, not both' };
  if (isFloat(type)) return { key, message: `${type} has no bits of its own` };
  const end = bits === undefined ? (bit ?? 0) + 1 : bits.shift + bits.width;
  const held = wordsOf(type) * 16;
  return end > held ? { key, message: `${type} holds ${held} bits, not ${end}` } : null;
};

const BOUNDS: Readonly<Partial<Record<RegisterType, readonly [number, number]>>> = {
  uint16: [0, 0xffff],
  int16: [-0x8000, 0x7fff],
  uint32: [0, 0xffffffff],
  int32: [-0x80000000, 0x7fffffff],
};

/** A sentinel that the type can never hold would silently let the device's "I do not know" through as a number. */
const problemOfSentinels = ({ type, unknown = [] }: RegisterPoint): PointProblem | null => {
  for (const [index, sentinel] of unknown.entries()) {
    const key = `unknown.${index}`;
    if (typeof sentinel === 'string') {
      if ((sentinel.length - 2) * 4 > wordsOf(type) * 16) return { key, message: `${sentinel} is longer than ${type}` };
      continue;
    }
    const [min, max] = BOUNDS[type] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    if (sentinel < min || sentinel > max)
      return {
        key,
        message: `${type} never holds ${sentinel}; for a bit pattern write "0x${sentinel.toString(16).toUpperCase()}" in quotes`,
      };
  }
  return null;
};

/** What no schema can say of a point on its own. */
export const problemsOfPoint = (point: ProfilePoint): readonly PointProblem[] => {
  if (!('type' in point)) return [];
  const ownScale =
    point.exponent !== undefined && (point.bit !== undefined || point.level !== undefined)
      ? [{ key: 'exponent', message: 'a bit or a level has no exponent' }]
      : [];
  const level = point.level !== undefined && point.unit !== '%' ? [{ key: 'level', message: 'a level is in %' }] : [];
  const others = [problemOfBits(point), problemOfSentinels(point)].filter((problem) => problem !== null);
  return [...problemsOfLayout(point), ...ownScale, ...level, ...others];
};
