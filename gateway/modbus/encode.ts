import { type RegisterType, type WordOrder, wordsOf } from './decode.ts';

const whole = (value: number, type: RegisterType): Buffer => {
  const bytes = Buffer.alloc(wordsOf(type) * 2);
  switch (type) {
    case 'uint16':
      bytes.writeUInt16BE(value);
      return bytes;
    case 'int16':
      bytes.writeInt16BE(value);
      return bytes;
    case 'uint32':
      bytes.writeUInt32BE(value);
      return bytes;
    case 'int32':
      bytes.writeInt32BE(value);
      return bytes;
    case 'uint64':
      bytes.writeBigUInt64BE(BigInt(value));
      return bytes;
    case 'int64':
      bytes.writeBigInt64BE(BigInt(value));
      return bytes;
    case 'float32':
      bytes.writeFloatBE(value);
      return bytes;
  }
};

/** The words of a value divided by its scale. Throws `RangeError` when the type cannot hold it. */
export const encodeRaw = (value: number, scale: number, type: RegisterType, order: WordOrder): readonly number[] => {
  const raw = type === 'float32' ? value / scale : Math.round(value / scale);
  const bytes = whole(raw, type);
  const words = Array.from({ length: bytes.length / 2 }, (_each, index) => bytes.readUInt16BE(index * 2));
  return order === 'high-first' ? words : words.toReversed();
};
