import { describe, expect, test } from 'vitest';
import { decodeIdentification, encodeIdentificationRequest, identificationBytes } from '#gateway/modbus/device-identification.ts';
import { encodeRtu, readAnswer } from '#gateway/modbus/rtu-frames.ts';

/** The example of MODBUS Application Protocol V1.1b3, section 6.21, all three objects in one answer. */
const object = (id: number, text: string): readonly number[] => [id, text.length, ...Buffer.from(text)];
const ANSWER = Buffer.from([
  ...[0x2b, 0x0e, 0x01, 0x01, 0x00, 0x00, 0x03],
  ...object(0, 'Company identification'),
  ...object(1, 'Product code XX'),
  ...object(2, 'V2.11'),
]);

describe('what a unit says of itself', () => {
  test('its maker, product and revision are read', () => {
    expect(decodeIdentification(ANSWER)).toEqual({
      vendor: 'Company identification',
      product: 'Product code XX',
      revision: 'V2.11',
    });
  });

  test('what it leaves out, or fills with blanks, is not known', () => {
    const answer = Buffer.from([0x2b, 0x0e, 0x01, 0x01, 0x00, 0x00, 0x02, ...object(1, 'SDM230\u0000'), ...object(2, '  ')]);
    expect(decodeIdentification(answer)).toEqual({ vendor: null, product: 'SDM230', revision: null });
  });

  test('a refusal, or an answer that ends too early, says nothing', () => {
    expect(decodeIdentification(Buffer.of(0xab, 0x01))).toBeNull();
    for (let length = 0; length < ANSWER.length; length += 1) expect(decodeIdentification(ANSWER.subarray(0, length))).toBeNull();
  });

  test('on a wire its answer ends where its objects end, however it comes', () => {
    const request = encodeRtu(9, encodeIdentificationRequest());
    const frame = encodeRtu(9, ANSWER);
    for (let length = 0; length < frame.length; length += 1)
      expect(readAnswer(request, frame.subarray(0, length))).toEqual({ kind: 'incomplete' });
    const heard = readAnswer(request, Buffer.concat([frame, Buffer.of(1, 2)]));
    expect(heard).toEqual({ kind: 'frame', pdu: Uint8Array.from(ANSWER), rest: Buffer.of(1, 2) });
    expect(identificationBytes(ANSWER)).toBe(ANSWER.length);
  });

  test('on a wire a refusal is an answer, and a wrong CRC none', () => {
    const request = encodeRtu(9, encodeIdentificationRequest());
    expect(readAnswer(request, encodeRtu(9, Uint8Array.of(0xab, 0x01)))).toMatchObject({ kind: 'frame' });
    const broken = encodeRtu(9, ANSWER);
    broken.writeUInt8(0x21, 12);
    expect(readAnswer(request, broken)).toMatchObject({ kind: 'foreign' });
  });
});
