import { createRequire } from 'node:module';

/** The part of mqtt-packet, by which mqtt.js writes its packets, that matters here. */
interface PacketWriter {
  readonly writeToStream: {
    (packet: object, stream: { write(bytes: Uint8Array): boolean }): boolean;
    /** Whether the two bytes of every number from 0 to 65,535 are kept. */
    cacheNumbers: boolean;
  };
}

/** Remaining lengths below it are written in two bytes at most, and are the ones that are kept. */
const KEPT_LENGTHS = 16_384;
const TOPIC = 'a';
const BYTES_BEFORE_PAYLOAD = 2 + TOPIC.length;

let isBounded = false;

/**
 * mqtt-packet 9 keeps the bytes of each length of packet that it ever wrote, as a slice of Node's pool of that moment: a process
 * that sends packets of many lengths holds 64 KiB more for each new one, up to a gibibyte. Written once in a row they share
 * one pool. Its 65,536 buffers of numbers, 7 MB, are not made. Does nothing the second time.
 */
export const boundMqttPacketMemory = (): void => {
  if (isBounded) return;
  isBounded = true;
  // the copy that mqtt.js itself uses, wherever it was installed
  const { writeToStream } = createRequire(import.meta.resolve('mqtt'))('mqtt-packet') as PacketWriter;
  writeToStream.cacheNumbers = false;
  const nowhere = { write: () => true };
  const longest = new Uint8Array(KEPT_LENGTHS);
  for (let length = BYTES_BEFORE_PAYLOAD; length < KEPT_LENGTHS; length += 1) {
    const payload = Buffer.from(longest.buffer, 0, length - BYTES_BEFORE_PAYLOAD);
    writeToStream({ cmd: 'publish', topic: TOPIC, payload, qos: 0, retain: false, dup: false }, nowhere);
  }
};
