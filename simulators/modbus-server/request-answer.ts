import { ILLEGAL_DATA_ADDRESS, ILLEGAL_DATA_VALUE, ILLEGAL_FUNCTION, ModbusException } from './modbus-exception.ts';
import type { ModbusTable, ModbusUnit } from './modbus-unit.ts';

/** Largest counts of the Modbus application protocol, V1.1b3, section 6. */
const MOST_READ = { bits: 2000, words: 125 };
const MOST_WRITTEN = { bits: 1968, words: 123 };

const READ_TABLES: ReadonlyMap<number, ModbusTable> = new Map([
  [1, 'coils'],
  [2, 'discrete-inputs'],
  [3, 'holding-registers'],
  [4, 'input-registers'],
]);

const refuse = (code: number): never => {
  throw new ModbusException(code);
};

const insist = (holds: boolean, code: number): void => {
  if (!holds) refuse(code);
};

const packBits = (bits: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  bits.forEach((bit, place) => {
    if (bit !== 0) bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (1 << (place & 7));
  });
  return bytes;
};

const packWords = (words: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(2 * words.length);
  words.forEach((word, place) => bytes.writeUInt16BE(word, 2 * place));
  return bytes;
};

const answerRead = (unit: ModbusUnit, table: ModbusTable, pdu: Buffer): Buffer => {
  insist(pdu.length === 5, ILLEGAL_DATA_VALUE);
  const ofBits = table === 'coils' || table === 'discrete-inputs';
  const address = pdu.readUInt16BE(1);
  const count = pdu.readUInt16BE(3);
  insist(count >= 1 && count <= (ofBits ? MOST_READ.bits : MOST_READ.words), ILLEGAL_DATA_VALUE);
  insist(address + count <= 0x10000, ILLEGAL_DATA_ADDRESS);
  const values = unit.read(table, address, count);
  const bytes = ofBits ? packBits(values) : packWords(values);
  return Buffer.concat([Buffer.of(pdu[0] ?? 0, bytes.length), bytes]);
};

const answerWriteSingle = (unit: ModbusUnit, pdu: Buffer): Buffer => {
  insist(pdu.length === 5, ILLEGAL_DATA_VALUE);
  const address = pdu.readUInt16BE(1);
  const value = pdu.readUInt16BE(3);
  if (pdu[0] === 5) {
    insist(value === 0xff00 || value === 0, ILLEGAL_DATA_VALUE);
    unit.write('coils', address, [value === 0 ? 0 : 1]);
  } else {
    unit.write('holding-registers', address, [value]);
  }
  return pdu;
};

const unpackBits = (bytes: Buffer, count: number): number[] =>
  Array.from({ length: count }, (_, place) => ((bytes[place >> 3] ?? 0) >> (place & 7)) & 1);

const unpackWords = (bytes: Buffer, count: number): number[] =>
  Array.from({ length: count }, (_, place) => bytes.readUInt16BE(2 * place));

const answerWriteSeveral = (unit: ModbusUnit, pdu: Buffer): Buffer => {
  insist(pdu.length >= 7, ILLEGAL_DATA_VALUE);
  const ofBits = pdu[0] === 15;
  const address = pdu.readUInt16BE(1);
  const count = pdu.readUInt16BE(3);
  insist(count >= 1 && count <= (ofBits ? MOST_WRITTEN.bits : MOST_WRITTEN.words), ILLEGAL_DATA_VALUE);
  const bytes = pdu.subarray(6);
  insist(pdu[5] === bytes.length && bytes.length === (ofBits ? Math.ceil(count / 8) : 2 * count), ILLEGAL_DATA_VALUE);
  insist(address + count <= 0x10000, ILLEGAL_DATA_ADDRESS);
  if (ofBits) unit.write('coils', address, unpackBits(bytes, count));
  else unit.write('holding-registers', address, unpackWords(bytes, count));
  return pdu.subarray(0, 5);
};

/** The exception answer to a request of a function code. */
export const exceptionAnswer = (functionCode: number, exception: number): Buffer =>
  Buffer.of((functionCode & 0x7f) | 0x80, exception);

/** Answers one request (function code and what follows it); a refusal by the unit or a malformed request throws ModbusException. */
export const answerRequest = (unit: ModbusUnit, pdu: Buffer): Buffer => {
  const functionCode = pdu[0] ?? 0;
  const table = READ_TABLES.get(functionCode);
  if (table !== undefined) return answerRead(unit, table, pdu);
  if (functionCode === 5 || functionCode === 6) return answerWriteSingle(unit, pdu);
  if (functionCode === 15 || functionCode === 16) return answerWriteSeveral(unit, pdu);
  return refuse(ILLEGAL_FUNCTION);
};
