import { decimalOf, wholeQuotient } from './decimal.ts';
import { type RegisterLayout, type RegisterType, wordsFrom, wordsOf } from './register-layout.ts';

const bcd = (raw: bigint, bytes: Buffer): void => {
  const digits = raw.toString().padStart(bytes.length * 2, '0');
  if (raw < 0n || digits.length > bytes.length * 2) throw new RangeError(`${raw} does not fit in ${bytes.length * 2} BCD digits`);
  bytes.write(digits, 'hex');
};

const WHOLE: Readonly<Record<Exclude<RegisterType, 'float32' | 'float64'>, (raw: bigint, bytes: Buffer) => void>> = {
  uint16: (raw, bytes) => void bytes.writeUInt16BE(Number(raw)),
  int16: (raw, bytes) => void bytes.writeInt16BE(Number(raw)),
  uint32: (raw, bytes) => void bytes.writeUInt32BE(Number(raw)),
  int32: (raw, bytes) => void bytes.writeInt32BE(Number(raw)),
  uint64: (raw, bytes) => void bytes.writeBigUInt64BE(raw),
  int64: (raw, bytes) => void bytes.writeBigInt64BE(raw),
  bcd16: bcd,
  bcd32: bcd,
};

/** The words of a value divided by its scale. Throws `RangeError` when the type cannot hold it. */
export const encodeRaw = (value: number, scale: number, layout: RegisterLayout): readonly number[] => {
  const { type } = layout;
  const bytes = Buffer.alloc(wordsOf(type) * 2);
  if (type === 'float32') bytes.writeFloatBE(value / scale);
  else if (type === 'float64') bytes.writeDoubleBE(value / scale);
  else WHOLE[type](wholeQuotient(decimalOf(value), decimalOf(scale)), bytes);
  return wordsFrom(bytes, layout);
};
