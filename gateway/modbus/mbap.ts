/** The seven bytes before each request over TCP (MODBUS Messaging on TCP/IP V1.0b, section 3.1.3). */
const HEADER_BYTES = 7;
/** Unit id and a PDU of 1 to 253 bytes. */
const SHORTEST_LENGTH = 2;
const LONGEST_LENGTH = 254;

export interface MbapFrame {
  readonly transaction: number;
  readonly unitId: number;
  readonly pdu: Uint8Array;
}

export const encodeMbap = ({ transaction, unitId, pdu }: MbapFrame): Buffer => {
  const frame = Buffer.alloc(HEADER_BYTES + pdu.length);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(0, 2);
  frame.writeUInt16BE(pdu.length + 1, 4);
  frame.writeUInt8(unitId, 6);
  frame.set(pdu, HEADER_BYTES);
  return frame;
};

export type MbapReading =
  | { readonly kind: 'frame'; readonly frame: MbapFrame; readonly rest: Buffer }
  | { readonly kind: 'incomplete' }
  /** The stream can no longer be cut into frames: only a new connection helps. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Takes the first frame off a stream. */
export const readMbap = (bytes: Buffer): MbapReading => {
  if (bytes.length < HEADER_BYTES) return { kind: 'incomplete' };
  const protocol = bytes.readUInt16BE(2);
  const length = bytes.readUInt16BE(4);
  if (protocol !== 0) return { kind: 'lost', reason: `protocol ${protocol} instead of 0` };
  if (length < SHORTEST_LENGTH || length > LONGEST_LENGTH) return { kind: 'lost', reason: `a length of ${length} bytes` };
  const end = HEADER_BYTES - 1 + length;
  if (bytes.length < end) return { kind: 'incomplete' };
  const frame = { transaction: bytes.readUInt16BE(0), unitId: bytes.readUInt8(6), pdu: bytes.subarray(HEADER_BYTES, end) };
  return { kind: 'frame', frame, rest: bytes.subarray(end) };
};
