import type { RegisterFact } from './register-facts.ts';

const RANGES = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
} as const;

const WORDS = { bool: 1, int16: 1, uint16: 1, int32: 2, uint32: 2, int64: 4, float32: 2 } as const;

/** How many 16-bit words (or single bits, for a bool) a value takes. */
export const wordCount = (fact: RegisterFact): number => WORDS[fact.type];

const rawBytes = (fact: RegisterFact, raw: number): DataView => {
  const view = new DataView(new ArrayBuffer(2 * WORDS[fact.type]));
  if (fact.type === 'bool') {
    view.setUint16(0, raw === 0 ? 0 : 1);
    return view;
  }
  if (fact.type === 'float32') {
    view.setFloat32(0, raw);
    return view;
  }
  const [least, most] = RANGES[fact.type];
  const whole = Math.min(most, Math.max(least, Math.round(raw)));
  if (fact.type === 'int64') view.setBigInt64(0, BigInt(whole));
  else if (fact.type === 'int32' || fact.type === 'uint32') view.setUint32(0, whole >>> 0);
  else view.setUint16(0, whole & 0xffff);
  return view;
};

/**
 * Words as they go on the wire, of a value in the fact's unit. Whole types are rounded to the nearest and stop at the ends of
 * their range, as a meter's display does.
 */
export const encodeWords = (fact: RegisterFact, value: number): number[] => {
  const view = rawBytes(fact, value / fact.scale);
  const words = Array.from({ length: WORDS[fact.type] }, (_, word) => view.getUint16(2 * word));
  return fact.wordOrder === 'little' ? words.reverse() : words;
};

const rawOf = (fact: RegisterFact, view: DataView): number => {
  switch (fact.type) {
    case 'bool':
    case 'uint16':
      return view.getUint16(0);
    case 'int16':
      return view.getInt16(0);
    case 'int32':
      return view.getInt32(0);
    case 'uint32':
      return view.getUint32(0);
    case 'int64':
      return Number(view.getBigInt64(0));
    case 'float32':
      return view.getFloat32(0);
  }
};

/** The value in the fact's unit of words as they came from the wire; RangeError when their number is not the type's. */
export const decodeWords = (fact: RegisterFact, words: readonly number[]): number => {
  if (words.length !== WORDS[fact.type])
    throw new RangeError(`${fact.name} takes ${WORDS[fact.type]} words, not ${words.length}`);
  const view = new DataView(new ArrayBuffer(2 * words.length));
  const ordered = fact.wordOrder === 'little' ? words.toReversed() : words;
  ordered.forEach((word, position) => view.setUint16(2 * position, word));
  return rawOf(fact, view) * fact.scale;
};
