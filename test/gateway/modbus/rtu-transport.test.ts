import { describe, expect, test } from 'vitest';
import { createSimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { ByteListener } from '#gateway/modbus/byte-link.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { encodeRead, encodeWrite, type ReadRequest } from '#gateway/modbus/requests.ts';
import { crc16, encodeRtu, readAnswer } from '#gateway/modbus/rtu-frames.ts';
import { RtuTransport } from '#gateway/modbus/rtu-transport.ts';
import { wireMs } from '#gateway/modbus/serial-timing.ts';
import { block, openWire, readOn, right, SPEED, settled, TIMEOUT_MS } from './simulated-wire.ts';

test('the CRC is the one of the specification', () => {
  expect(crc16(Buffer.from('123456789'))).toBe(0x4b37);
  expect(encodeRtu(1, Uint8Array.from([3, 0, 0, 0, 2])).toString('hex')).toBe('010300000002c40b');
});

describe('an answer corrupted on the wire', () => {
  const flip = (frame: Buffer, bits: readonly number[]): Buffer => {
    const corrupted = Buffer.from(frame);
    for (const bit of bits) corrupted[bit >> 3] = (corrupted[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return corrupted;
  };
  const bitsOf = (frame: Buffer): number => frame.length * 8;

  /** Reads once per corruption; every reading must be refused. */
  const wrongValues = async (corruptions: readonly (readonly number[])[], request: ReadRequest): Promise<readonly string[]> => {
    let next = 0;
    const wire = await openWire((_frame, hear) => hear(flip(right(request), corruptions[next] ?? [])));
    const given: string[] = [];
    for (next = 0; next < corruptions.length; next += 1) {
      const outcome = await readOn(wire, request);
      if (!outcome.startsWith('MODBUS_')) given.push(outcome);
    }
    return given;
  };

  test('by one bit, wherever it is, is no value', async () => {
    const request = block(0x0304, 3);
    const each = Array.from({ length: bitsOf(right(request)) }, (_each, bit) => [bit]);
    expect(await wrongValues(each, request)).toEqual([]);
  });

  test('by two or three bits is no value', async () => {
    const request = block(0x2222, 17, 6);
    const bits = bitsOf(right(request));
    const some = Array.from({ length: 1500 }, (_each, turn) => {
      const first = (turn * 7) % bits;
      const second = (first + 1 + ((turn * 31) % (bits - 1))) % bits;
      const third = (second + 1 + ((turn * 53) % (bits - 1))) % bits;
      return turn % 3 === 0 || third === first ? [first, second] : [first, second, third];
    });
    expect(await wrongValues(some, request)).toEqual([]);
  });

  test('by a burst of up to 16 bits is no value', async () => {
    const request = block(0x5a5a, 5, 4);
    const bits = bitsOf(right(request));
    const bursts = Array.from({ length: 1500 }, (_each, turn) => {
      const length = 2 + (turn % 15);
      const from = (turn * 11) % (bits - length);
      const inside = Array.from({ length: length - 2 }, (_bit, index) => from + 1 + index).filter(
        (bit) => ((turn * 2_654_435_761) >>> (bit % 29)) & 1,
      );
      return [from, ...inside, from + length - 1];
    });
    expect(await wrongValues(bursts, request)).toEqual([]);
  });
});

test('noise in the place of an answer passes for one no more often than 1 in 65,536', () => {
  const FRAMES = 300_000;
  const request = encodeRtu(7, encodeRead(block(100, 7)));
  let state = 42;
  const noise = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state >>> 24;
  };
  let passed = 0;
  for (let turn = 0; turn < FRAMES; turn += 1) {
    const frame = Buffer.from([7, 3, 4, noise(), noise(), noise(), noise(), noise(), noise()]);
    if (readAnswer(request, frame).kind === 'frame') passed += 1;
  }
  // 4.6 are expected; more than 15 would be chance once in 25,000 times.
  expect(passed).toBeLessThanOrEqual(15);
});

describe('a wire', () => {
  test('is silent for 3.5 characters before each request, fixed above 19,200 baud, and an answer may come byte by byte', async () => {
    const wire = await openWire((frame, hear) => {
      for (const byte of right(block(frame.readUInt16BE(2)))) hear(Buffer.from([byte]));
    });
    expect(await readOn(wire, block(1))).toBe('1,2');
    expect(await readOn(wire, block(3))).toBe('3,4');
    const [first = 0, second = 0] = wire.sentAt;
    expect(second - first).toBeGreaterThanOrEqual(3.5 * wireMs(SPEED, 1));
  });

  test('is left alone for another time-out after one, and what comes meanwhile is dropped', async () => {
    let isLate = true;
    const wire = await openWire((frame, hear) => {
      const request = block(frame.readUInt16BE(2));
      if (isLate) wire.clock.after(TIMEOUT_MS * 1.9, () => hear(right(request)));
      else hear(right(request));
    });
    expect(await readOn(wire, block(100))).toBe('DEVICE_SILENT');
    isLate = false;
    expect(await readOn(wire, block(200))).toBe('200,201');
    expect(await readOn(wire, block(300))).toBe('300,301');
    const [first = 0, second = 0] = wire.sentAt;
    expect(second - first).toBeGreaterThanOrEqual(2 * TIMEOUT_MS);
  });

  test('is not spoken to while something that reached this machine was not heard', async () => {
    const lying: Buffer[] = [];
    let isLate = true;
    const wire = await openWire(
      (frame, hear) => {
        if (isLate) lying.push(right(block(frame.readUInt16BE(2))));
        else hear(right(block(frame.readUInt16BE(2))));
        isLate = false;
      },
      // As after a process was held up: the end of a wait is heard before the bytes that came meanwhile.
      () => (wire.clock.monotonicNow() > 2 * TIMEOUT_MS ? (lying.shift() ?? null) : null),
    );
    expect(await readOn(wire, block(100))).toBe('DEVICE_SILENT');
    expect(await readOn(wire, block(200))).toBe('200,201');
    expect(lying).toEqual([]);
  });

  test('that was lost and is open again still waits for the answer to what was asked before', async () => {
    let isLate = true;
    const wire = await openWire((frame, hear) => {
      const request = block(frame.readUInt16BE(2));
      if (isLate) wire.clock.after(TIMEOUT_MS * 1.9, () => hear(right(request)));
      else hear(right(request));
    });
    wire.clock.after(TIMEOUT_MS * 0.9, wire.lose);
    expect(await readOn(wire, block(100))).toBe('BUS_DISCONNECTED');
    isLate = false;
    await wire.transport.connect();
    expect(await readOn(wire, block(200))).toBe('200,201');
    const [first = 0, second = 0] = wire.sentAt;
    expect(second - first).toBeGreaterThanOrEqual(2 * TIMEOUT_MS);
  });

  test('is left to another master that asked a unit twice until both answers have come', async () => {
    const foreign = block(5);
    const ask = encodeRtu(1, encodeRead(foreign));
    const wire = await openWire((frame, hear) => hear(right(block(frame.readUInt16BE(2)))));
    expect(await readOn(wire, block(100))).toBe('100,101');
    const startedAt = wire.clock.monotonicNow();
    wire.clock.after(20, () => wire.hear(ask));
    wire.clock.after(60, () => wire.hear(ask));
    wire.clock.after(80, () => wire.hear(right(foreign)));
    wire.clock.after(105, () => wire.hear(right(foreign)));
    await wire.clock.advance(81);
    expect(await readOn(wire, block(200))).toBe('200,201');
    expect((wire.sentAt[1] ?? 0) - startedAt).toBeGreaterThan(105);
  });

  test('gives no wrong value in 1,000 reads while answers come up to twice the time-out late', async () => {
    let turn = 0;
    let late = 0;
    const wire = await openWire((frame, hear) => {
      const answer = right(block(frame.readUInt16BE(2)));
      turn += 1;
      if (turn % 3 !== 0) {
        hear(answer);
        return;
      }
      late += 1;
      wire.clock.after(TIMEOUT_MS * (1 + (turn % 101) / 100), () => hear(answer));
    });
    for (let address = 1000; address < 2000; address += 1)
      expect([`${address},${address + 1}`, 'DEVICE_SILENT']).toContain(await readOn(wire, block(address)));
    expect(late).toBeGreaterThan(300);
  });

  test('may give back what is sent on it', async () => {
    let isAlive = true;
    const wire = await openWire((frame, hear) => {
      hear(frame.subarray(0, 3));
      hear(frame.subarray(3));
      if (isAlive) hear(frame[1] === 3 ? right(block(frame.readUInt16BE(2))) : frame);
    });
    const write = () =>
      settled(
        wire.clock,
        wire.transport.request(1, encodeWrite({ unitId: 1, functionCode: 6, address: 9, words: [70] }), TIMEOUT_MS),
      );
    expect(await readOn(wire, block(0x0455))).toBe('1109,1110');
    expect(await write()).toMatchObject({ pdu: Uint8Array.from([6, 0, 9, 0, 70]) });
    isAlive = false;
    expect(await write()).toBe('DEVICE_SILENT');
    expect(await readOn(wire, block(7))).toBe('DEVICE_SILENT');
  });

  test('may carry a glitch before an answer and after it', async () => {
    const wire = await openWire((frame, hear) =>
      hear(Buffer.concat([Buffer.from([0xff, 0]), right(block(frame.readUInt16BE(2))), Buffer.from([0])])),
    );
    expect(await readOn(wire, block(7))).toBe('7,8');
    expect(await readOn(wire, block(9))).toBe('9,10');
  });

  test('says what was heard that is no answer', async () => {
    const heard: Buffer[] = [
      right(block(1, 2)),
      encodeRtu(1, Uint8Array.from([4, 4, 0, 1, 0, 2])),
      right(block(1, 1, 3)),
      right(block(1)).subarray(0, 6),
    ];
    const wire = await openWire((_frame, hear) => hear(heard.shift() ?? encodeRtu(1, Uint8Array.from([0x83, 2]))));
    for (let turn = 0; turn < 4; turn += 1) expect(await readOn(wire, block(1))).toBe('MODBUS_REPLY_INVALID');
    expect(await readOn(wire, block(1))).toBe('MODBUS_EXCEPTION');
  });

  test('that is never silent is refused rather than waited for', async () => {
    const wire = await openWire(() => undefined);
    const chatter: { hear: ((bytes: Buffer) => void) | null } = { hear: null };
    const open = async (listener: ByteListener) => {
      chatter.hear = (bytes) => listener.received(bytes);
      return { write: () => undefined, caughtUp: (then: () => void) => then(), close: () => undefined };
    };
    const transport = new RtuTransport({ bus: 'bus-test', address: '/dev/wire', speed: SPEED, open, clock: wire.clock });
    await transport.connect();
    const speak = (): void => {
      chatter.hear?.(Buffer.from([0x55]));
      wire.clock.after(20, speak);
    };
    speak();
    expect(await settled(wire.clock, transport.request(1, encodeRead(block(1)), TIMEOUT_MS))).toBe('MODBUS_REPLY_INVALID');
  });
});

describe('32 units at 9,600 baud', () => {
  /** Mean time of a round in simulated time, from 60 s to 5 minutes. */
  const roundMs = async (dead: ReadonlySet<number>): Promise<number> => {
    const TURNAROUND_MS = 20;
    const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
    const lines = createFieldLines({
      clock,
      logger: silentLogger,
      connect: (bus) =>
        new RtuTransport({
          bus,
          address: '/dev/wire',
          speed: SPEED,
          clock,
          open: async (listener) => ({
            write: (frame) => {
              const request = block(Buffer.from(frame).readUInt16BE(2), frame[0], 80);
              const tookMs = wireMs(SPEED, 8 + 5 + 160) + TURNAROUND_MS;
              if (!dead.has(request.unitId)) clock.after(tookMs, () => listener.received(right(request)));
            },
            caughtUp: (then) => then(),
            close: () => undefined,
          }),
        }),
    });
    const bus = lines.open({ id: 'bus-test', line: { kind: 'rtu', path: '/dev/wire', ...SPEED }, timeoutMs: 1000 });
    const ended: number[] = [];
    while (clock.monotonicNow() < 300_000) {
      for (let unitId = 1; unitId <= 32; unitId += 1) {
        const outcome = settled(clock, bus.read(block(unitId, unitId, 80), 'polling'));
        expect(typeof (await outcome)).toBe(dead.has(unitId) ? 'string' : 'object');
      }
      ended.push(clock.monotonicNow());
    }
    const late = ended.filter((at) => at >= 60_000);
    bus.close();
    return ((late.at(-1) ?? 0) - (late[0] ?? 0)) / (late.length - 1);
  };

  test('three dead ones lengthen the round of the others by less than a tenth', { timeout: 60_000 }, async () => {
    const without = await roundMs(new Set());
    const withDead = await roundMs(new Set([4, 17, 30]));
    // Without them there are 29 to read, so the whole round may even be shorter.
    expect(without).toBeGreaterThan(6000);
    expect(withDead).toBeLessThan((without * 29 * 1.1) / 32);
  });
});
