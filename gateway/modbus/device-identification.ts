/** MODBUS Application Protocol V1.1b3, section 6.21: function 43, MEI type 14, the basic objects as a stream. */
export const READ_DEVICE_IDENTIFICATION = 0x2b;
const MEI_TYPE = 0x0e;
const BASIC_STREAM = 0x01;
const FROM_FIRST_OBJECT = 0x00;
/** Function, MEI type, code asked, conformity, more follows, next object, number of objects. */
const HEADER_BYTES = 7;
const OBJECT_HEADER_BYTES = 2;

/** What a unit says of itself; null for what it does not say. */
export interface DeviceIdentification {
  readonly vendor: string | null;
  readonly product: string | null;
  readonly revision: string | null;
}

export const encodeIdentificationRequest = (): Buffer =>
  Buffer.of(READ_DEVICE_IDENTIFICATION, MEI_TYPE, BASIC_STREAM, FROM_FIRST_OBJECT);

interface IdentityObject {
  readonly id: number;
  readonly text: string;
}

/** The objects and where they end, or null while they are not all there. */
const readObjects = (pdu: Buffer): { readonly objects: readonly IdentityObject[]; readonly end: number } | null => {
  if (pdu.length < HEADER_BYTES) return null;
  const objects: IdentityObject[] = [];
  let end = HEADER_BYTES;
  for (let count = pdu.readUInt8(HEADER_BYTES - 1); count > 0; count -= 1) {
    const length = pdu[end + 1];
    const next = end + OBJECT_HEADER_BYTES + (length ?? 0);
    if (length === undefined || next > pdu.length) return null;
    objects.push({ id: pdu.readUInt8(end), text: pdu.toString('latin1', end + OBJECT_HEADER_BYTES, next) });
    end = next;
  }
  return { objects, end };
};

/** Bytes of an answer that begins here, function code first; null while they are not all there. */
export const identificationBytes = (received: Buffer): number | null => readObjects(received)?.end ?? null;

const UNPRINTABLE = /[^\x20-\x7e]/g;
const printable = (text: string | undefined): string | null => text?.replace(UNPRINTABLE, ' ').trim() || null;

/** Null when the unit refused or said nothing that can be read. Objects that a unit keeps for a second answer are not asked for. */
export const decodeIdentification = (pdu: Uint8Array): DeviceIdentification | null => {
  const bytes = Buffer.from(pdu);
  const read = bytes[0] === READ_DEVICE_IDENTIFICATION && bytes[1] === MEI_TYPE ? readObjects(bytes) : null;
  if (read === null) return null;
  const [vendor, product, revision] = [0, 1, 2].map((id) => printable(read.objects.find((each) => each.id === id)?.text));
  return { vendor: vendor ?? null, product: product ?? null, revision: revision ?? null };
};
