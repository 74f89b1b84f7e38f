/** Raw types of a register, by the maker's document. Bytes inside a register are always most significant first. */
export const REGISTER_TYPES = ['uint16', 'int16', 'uint32', 'int32', 'uint64', 'int64', 'float32'] as const;
export type RegisterType = (typeof REGISTER_TYPES)[number];

/** Order of the registers of one value: `high-first` is most significant word first. */
export const WORD_ORDERS = ['high-first', 'low-first'] as const;
export type WordOrder = (typeof WORD_ORDERS)[number];

const WORDS: Readonly<Record<RegisterType, number>> = {
  uint16: 1,
  int16: 1,
  uint32: 2,
  int32: 2,
  float32: 2,
  uint64: 4,
  int64: 4,
};

export const wordsOf = (type: RegisterType): number => WORDS[type];

const inOrder = (words: readonly number[], order: WordOrder): Buffer => {
  const bytes = Buffer.alloc(words.length * 2);
  for (const [index, word] of (order === 'high-first' ? words : words.toReversed()).entries())
    bytes.writeUInt16BE(word, index * 2);
  return bytes;
};

const exact = (value: bigint): number | null =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;

/** Null when the words hold no finite number, or one that a double cannot hold exactly. */
export const decodeRaw = (words: readonly number[], type: RegisterType, order: WordOrder): number | null => {
  if (words.length !== wordsOf(type)) return null;
  const bytes = inOrder(words, order);
  switch (type) {
    case 'uint16':
      return bytes.readUInt16BE();
    case 'int16':
      return bytes.readInt16BE();
    case 'uint32':
      return bytes.readUInt32BE();
    case 'int32':
      return bytes.readInt32BE();
    case 'uint64':
      return exact(bytes.readBigUInt64BE());
    case 'int64':
      return exact(bytes.readBigInt64BE());
    case 'float32': {
      const value = bytes.readFloatBE();
      return Number.isFinite(value) ? value : null;
    }
  }
};

const DECIMALS = 1e6;

/** Raw value times scale, to the millionth, so that 0.1 × 3 is 0.3. */
export const scaled = (raw: number, scale: number): number => {
  const value = raw * scale;
  return Number.isSafeInteger(value) ? value : Math.round(value * DECIMALS) / DECIMALS;
};
