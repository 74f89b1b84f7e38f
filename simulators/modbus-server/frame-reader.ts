export interface Frame {
  readonly transactionId: number;
  readonly unitId: number;
  /** Function code and what follows it. */
  readonly pdu: Buffer;
}

const HEADER_BYTES = 7;
/** Unit id and a request of 1 to 253 bytes. */
const LENGTH = { least: 2, most: 254 };

export interface FrameReader {
  /** Whole frames, in their order, of the bytes so far; `lost` once the stream cannot be followed any more. */
  take(bytes: Buffer): { readonly frames: readonly Frame[]; readonly lost: boolean };
}

/**
 * Cuts a TCP stream into Modbus TCP frames, whatever the packets are. A header that is not Modbus (protocol id other than 0,
 * impossible length) leaves no way to find the next frame: the connection is then to be closed, as the implementation guide says.
 */
export const createFrameReader = (): FrameReader => {
  let pending: Buffer = Buffer.alloc(0);

  return {
    take: (bytes) => {
      pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      const frames: Frame[] = [];
      while (pending.length >= HEADER_BYTES) {
        const length = pending.readUInt16BE(4);
        if (pending.readUInt16BE(2) !== 0 || length < LENGTH.least || length > LENGTH.most) return { frames, lost: true };
        const end = HEADER_BYTES - 1 + length;
        if (pending.length < end) break;
        frames.push({
          transactionId: pending.readUInt16BE(0),
          unitId: pending.readUInt8(6),
          pdu: pending.subarray(HEADER_BYTES, end),
        });
        pending = pending.subarray(end);
      }
      return { frames, lost: false };
    },
  };
};

export const writeFrame = (frame: Frame): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(frame.transactionId, 0);
  header.writeUInt16BE(frame.pdu.length + 1, 4);
  header.writeUInt8(frame.unitId, 6);
  return Buffer.concat([header, frame.pdu]);
};
