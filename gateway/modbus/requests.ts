import { fault } from '#contract/errors.ts';

/** MODBUS Application Protocol V1.1b3, the four tables. */
export type Table = 'coil' | 'discrete' | 'holding' | 'input';

export interface ReadRequest {
  readonly unitId: number;
  readonly table: Table;
  /** Zero-based, as on the wire. */
  readonly address: number;
  /** Registers (125 at most) or bits (2,000 at most). */
  readonly count: number;
}

export interface WriteRequest {
  readonly unitId: number;
  readonly functionCode: 5 | 6 | 15 | 16;
  readonly address: number;
  /** One word per register; per coil (functions 5, 15) one of 0 or 1. */
  readonly words: readonly number[];
}

export const MAX_REGISTERS = 125;
export const MAX_BITS = 2000;
const COIL_ON = 0xff00;

const READ_FUNCTIONS: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

export const isBitTable = (table: Table): boolean => table === 'coil' || table === 'discrete';

const fields = (functionCode: number, ...words: readonly number[]): Buffer => {
  const pdu = Buffer.alloc(1 + words.length * 2);
  pdu.writeUInt8(functionCode, 0);
  for (const [index, word] of words.entries()) pdu.writeUInt16BE(word, 1 + index * 2);
  return pdu;
};

export const encodeRead = ({ table, address, count }: ReadRequest): Buffer => {
  const limit = isBitTable(table) ? MAX_BITS : MAX_REGISTERS;
  if (count < 1 || count > limit) throw new RangeError(`${count} is not between 1 and ${limit} in one request`);
  return fields(READ_FUNCTIONS[table], address, count);
};

const registersOf = (words: readonly number[]): Buffer => {
  const payload = Buffer.alloc(words.length * 2);
  for (const [index, each] of words.entries()) payload.writeUInt16BE(each, index * 2);
  return payload;
};

const bitsOf = (words: readonly number[]): Buffer => {
  const payload = Buffer.alloc(Math.ceil(words.length / 8));
  for (const [index, each] of words.entries())
    if (each !== 0) payload[index >> 3] = (payload[index >> 3] ?? 0) | (1 << (index & 7));
  return payload;
};

export const encodeWrite = ({ functionCode, address, words }: WriteRequest): Buffer => {
  const word = words[0] ?? 0;
  switch (functionCode) {
    case 5:
      return fields(5, address, word === 0 ? 0 : COIL_ON);
    case 6:
      return fields(6, address, word);
    case 15:
    case 16: {
      const payload = functionCode === 15 ? bitsOf(words) : registersOf(words);
      return Buffer.concat([fields(functionCode, address, words.length), Buffer.from([payload.length]), payload]);
    }
  }
};

interface Asked {
  readonly unitId: number;
  readonly address: number;
}

const invalid = ({ unitId }: Asked, reason: string) =>
  fault('MODBUS_REPLY_INVALID', { device: `unit ${unitId}`, unitId, bus: 'of this unit', reason });

const refuseException = (asked: Asked, pdu: Uint8Array): void => {
  const functionCode = pdu[0] ?? 0;
  if (functionCode < 0x80) return;
  const { unitId, address } = asked;
  throw fault('MODBUS_EXCEPTION', {
    device: `unit ${unitId}`,
    unitId,
    functionCode: functionCode & 0x7f,
    address,
    exception: pdu[1] ?? 0,
  });
};

/** Words of a register table, or 0 and 1 of a bit table. Throws `MODBUS_EXCEPTION` or `MODBUS_REPLY_INVALID`. */
export const decodeRead = (request: ReadRequest, pdu: Uint8Array): readonly number[] => {
  refuseException(request, pdu);
  const { table, count } = request;
  const bytes = Buffer.from(pdu);
  const expected = isBitTable(table) ? Math.ceil(count / 8) : count * 2;
  if (bytes[1] !== expected || bytes.length !== expected + 2)
    throw invalid(request, `${bytes.length - 2} bytes instead of ${expected}`);
  return Array.from({ length: count }, (_each, index) =>
    isBitTable(table) ? ((bytes[2 + (index >> 3)] ?? 0) >> (index & 7)) & 1 : bytes.readUInt16BE(2 + index * 2),
  );
};

/** A write is answered by its own address and value (functions 5, 6) or count (15, 16). */
export const checkWritten = (request: WriteRequest, pdu: Uint8Array): void => {
  refuseException(request, pdu);
  const echoed = encodeWrite(request).subarray(0, 5);
  if (Buffer.compare(Buffer.from(pdu), echoed) !== 0) throw invalid(request, 'the answer does not repeat the write');
};
