/** Raw types of a register, by the maker's document. BCD holds one decimal digit in four bits. */
export const REGISTER_TYPES = [
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
  'bcd16',
  'bcd32',
] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

/**
 * Order of the registers of one value, A the most significant: `high-first` is A B C D, `low-first` D C B A. For values
 * of four registers, `halves-swapped` is C D A B (the low half first) and `pairs-swapped` B A D C (each half low word first).
 */
export const WORD_ORDERS = ['high-first', 'low-first', 'halves-swapped', 'pairs-swapped'] as const;
export type WordOrder = (typeof WORD_ORDERS)[number];

/** Order of the two bytes inside a register; `high-first` is the Modbus specification's, and the default. */
export const BYTE_ORDERS = ['high-first', 'low-first'] as const;
export type ByteOrder = (typeof BYTE_ORDERS)[number];

/** How the words of a value are read. */
export interface RegisterLayout {
  readonly type: RegisterType;
  readonly wordOrder: WordOrder;
  readonly byteOrder?: ByteOrder | undefined;
}

const WORDS: Readonly<Record<RegisterType, number>> = {
  uint16: 1,
  int16: 1,
  bcd16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  bcd32: 2,
  uint64: 4,
  int64: 4,
  float64: 4,
};

export const wordsOf = (type: RegisterType): number => WORDS[type];

const swapped = (words: readonly number[]): number[] => {
  const [a = 0, b = 0, c, d] = words;
  return c === undefined || d === undefined ? [b, a] : [b, a, d, c];
};

/** Each order is its own inverse: the same function reads and writes. */
const reordered = (words: readonly number[], order: WordOrder): readonly number[] => {
  if (order === 'high-first' || words.length === 1) return words;
  if (order === 'low-first') return words.toReversed();
  if (order === 'pairs-swapped') return swapped(words);
  return words.length === 2 ? words : [...words.slice(2), ...words.slice(0, 2)];
};

const flipped = (word: number): number => ((word & 0xff) << 8) | (word >> 8);

const inByteOrder = (words: readonly number[], order: ByteOrder | undefined): readonly number[] =>
  order === 'low-first' ? words.map(flipped) : words;

/** The bytes of a value, most significant first, from words as they came. */
export const bytesFrom = (words: readonly number[], { wordOrder, byteOrder }: RegisterLayout): Buffer => {
  const bytes = Buffer.allocUnsafe(words.length * 2);
  let offset = 0;
  for (const word of inByteOrder(reordered(words, wordOrder), byteOrder)) offset = bytes.writeUInt16BE(word, offset);
  return bytes;
};

/** The words to send, from bytes most significant first. */
export const wordsFrom = (bytes: Buffer, { wordOrder, byteOrder }: RegisterLayout): readonly number[] => {
  const words = Array.from({ length: bytes.length / 2 }, (_each, index) => bytes.readUInt16BE(index * 2));
  return reordered(inByteOrder(words, byteOrder), wordOrder);
};
