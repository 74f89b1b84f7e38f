import { identificationBytes, READ_DEVICE_IDENTIFICATION } from './device-identification.ts';
import { isBitTable, type Table } from './requests.ts';

/** MODBUS over Serial Line V1.02, section 2.5.1: unit, function and fields, then a CRC-16, low byte first. */
const CRC_POLYNOMIAL = 0xa001;
const CRC_BYTES = 2;
const EXCEPTION_FLAG = 0x80;
const EXCEPTION_FRAME_BYTES = 5;
const WRITE_ANSWER_BYTES = 8;
const READ_REQUEST_BYTES = 8;
const LONGEST_FRAME_BYTES = 256;
/** Functions 15 and 16: unit, function, address, count, byte count, then the bits or words. */
const WRITE_MANY_HEADER_BYTES = 7;
const LAST_EXCEPTION = 11;
/** Why a frame that ends where it should is refused. */
export const WRONG_CRC = 'its CRC is wrong';

const CRC_OF_BYTE: readonly number[] = Array.from({ length: 256 }, (_each, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ CRC_POLYNOMIAL : crc >> 1;
  return crc;
});

export const crc16 = (bytes: Uint8Array): number =>
  bytes.reduce((crc, byte) => (crc >> 8) ^ (CRC_OF_BYTE[(crc ^ byte) & 0xff] ?? 0), 0xffff);

/** Bytes of the frame of a function and its fields. */
export const rtuBytes = (pdu: Uint8Array): number => 1 + pdu.length + CRC_BYTES;

export const encodeRtu = (unitId: number, pdu: Uint8Array): Buffer => {
  const frame = Buffer.alloc(rtuBytes(pdu));
  frame.writeUInt8(unitId, 0);
  frame.set(pdu, 1);
  frame.writeUInt16LE(crc16(frame.subarray(0, -CRC_BYTES)), frame.length - CRC_BYTES);
  return frame;
};

/** Whether the last two bytes are the CRC of those before. */
export const hasRightCrc = (frame: Buffer): boolean =>
  frame.length > CRC_BYTES && crc16(frame.subarray(0, -CRC_BYTES)) === frame.readUInt16LE(frame.length - CRC_BYTES);

const READ_TABLES: readonly (Table | undefined)[] = [undefined, 'coil', 'discrete', 'holding', 'input'];

/** Bytes of the answer to a request when it is no exception, at most. Throws `RangeError` for a function whose answer cannot be told by its length. */
export const answerBytes = (request: Buffer): number => {
  const functionCode = request.readUInt8(1);
  const table = READ_TABLES[functionCode];
  if (table !== undefined) {
    const count = request.readUInt16BE(4);
    return 3 + (isBitTable(table) ? Math.ceil(count / 8) : count * 2) + CRC_BYTES;
  }
  if (functionCode === 5 || functionCode === 6 || functionCode === 15 || functionCode === 16) return WRITE_ANSWER_BYTES;
  if (functionCode === READ_DEVICE_IDENTIFICATION) return LONGEST_FRAME_BYTES;
  throw new RangeError(`function ${functionCode} is not one of 1 to 6, 15, 16 and 43`);
};

/** Where the frame of an answer ends, or null while it cannot be told. */
const endOfAnswer = (request: Buffer, received: Buffer): number | null => {
  if ((received[1] ?? 0) >= EXCEPTION_FLAG) return EXCEPTION_FRAME_BYTES;
  if (request[1] !== READ_DEVICE_IDENTIFICATION) return answerBytes(request);
  const bytes = identificationBytes(received.subarray(1));
  return bytes === null ? null : 1 + bytes + CRC_BYTES;
};

export type RtuReading =
  | { readonly kind: 'frame'; readonly pdu: Uint8Array; readonly rest: Buffer }
  | { readonly kind: 'incomplete' }
  /** These bytes cannot begin an answer to the request. */
  | { readonly kind: 'foreign'; readonly reason: string };

const whyForeign = (request: Buffer, received: Buffer): string | null => {
  const [unitId, functionCode, third] = received;
  if (unitId !== request[0]) return `unit ${unitId} spoke`;
  if (functionCode === undefined) return null;
  if ((functionCode & ~EXCEPTION_FLAG) !== request[1]) return `function ${functionCode} instead of ${request[1]}`;
  if (third === undefined) return null;
  if (functionCode >= EXCEPTION_FLAG) return third >= 1 && third <= LAST_EXCEPTION ? null : `exception ${third}`;
  const expected = answerBytes(request) - 3 - CRC_BYTES;
  return functionCode <= 4 && third !== expected ? `${third} bytes instead of ${expected}` : null;
};

/** Reads the answer to a request from the first byte received after it: same unit, same function, the length asked, right CRC. */
export const readAnswer = (request: Buffer, received: Buffer): RtuReading => {
  if (received.length === 0) return { kind: 'incomplete' };
  const reason = whyForeign(request, received);
  if (reason !== null) return { kind: 'foreign', reason };
  const end = endOfAnswer(request, received);
  if (end === null || received.length < end) return { kind: 'incomplete' };
  const frame = received.subarray(0, end);
  if (!hasRightCrc(frame)) return { kind: 'foreign', reason: WRONG_CRC };
  return { kind: 'frame', pdu: Uint8Array.from(frame.subarray(1, -CRC_BYTES)), rest: received.subarray(end) };
};

/** Bytes of a request that begins here, or null while its length is not known. */
const requestBytes = (bytes: Buffer): number | null => {
  const functionCode = bytes[1] ?? 0;
  if (functionCode !== 15 && functionCode !== 16) return READ_REQUEST_BYTES;
  const payload = bytes[WRITE_MANY_HEADER_BYTES - 1];
  return payload === undefined ? null : WRITE_MANY_HEADER_BYTES + payload + CRC_BYTES;
};

const isFramed = (functionCode: number): boolean =>
  (functionCode >= 1 && functionCode <= 6) || functionCode === 15 || functionCode === 16;

const isWhole = (overheard: Buffer): boolean => {
  let rest = overheard;
  while (rest.length > 0) {
    const end = requestBytes(rest);
    if (end === null || rest.length < end || !hasRightCrc(rest.subarray(0, end))) return false;
    const request = rest.subarray(0, end);
    rest = rest.subarray(end);
    if (request[0] === 0) continue;
    if (!isFramed(request[1] ?? 0)) return false;
    const answer = readAnswer(request, rest);
    if (answer.kind !== 'frame') return false;
    rest = answer.rest;
  }
  return true;
};

/**
 * From where on bytes overheard on the line are whole exchanges of another master, to their end: each request with its
 * answer, or broadcasts, which have none. Null when they end otherwise.
 */
export const wholeExchangesFrom = (overheard: Buffer): number | null => {
  for (let from = 0; from + READ_REQUEST_BYTES <= overheard.length; from += 1) if (isWhole(overheard.subarray(from))) return from;
  return null;
};

/** The units of the requests among bytes overheard on the line. */
export const requestedUnits = (overheard: Buffer): readonly number[] => {
  const units: number[] = [];
  for (let from = 0; from + READ_REQUEST_BYTES <= overheard.length; from += 1) {
    const rest = overheard.subarray(from);
    const end = requestBytes(rest);
    if (end !== null && end <= rest.length && hasRightCrc(rest.subarray(0, end))) units.push(rest.readUInt8(0));
  }
  return units;
};
