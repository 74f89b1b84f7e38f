/**
 * Follows the fixed headers of an MQTT byte stream (MQTT 3.1.1 section 2.2) and answers false from the first packet that
 * announces more than `limitBytes`: aedes would gather up to 256 MB of it in memory before it looks.
 */
export const createPacketLengthGuard = (limitBytes: number): ((chunk: Uint8Array) => boolean) => {
  let bodyLeft = 0;
  let inLength = false;
  let length = 0;
  let weight = 1;
  let exceeded = false;

  const readHeaderByte = (byte: number): void => {
    if (!inLength) {
      inLength = true;
      length = 0;
      weight = 1;
      return;
    }
    length += (byte & 0x7f) * weight;
    weight *= 128;
    if ((byte & 0x80) !== 0) return;
    inLength = false;
    bodyLeft = length;
    exceeded = length > limitBytes;
  };

  return (chunk) => {
    let index = 0;
    while (index < chunk.length && !exceeded) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, chunk.length - index);
        bodyLeft -= taken;
        index += taken;
      } else {
        readHeaderByte(chunk[index] ?? 0);
        index += 1;
      }
    }
    return !exceeded;
  };
};
