import { expect, test } from 'vitest';
import { wireMs } from '#gateway/modbus/serial-timing.ts';
import { block, openWire, readOn, right, SPEED, TIMEOUT_MS } from './simulated-wire.ts';

const ANSWER_BYTES = 9;
const BOTH_MS = wireMs(SPEED, 8 + ANSWER_BYTES);

/** A line whose answers take as long as the test says, in milliseconds. */
const openLine = async (tookMs: () => number) => {
  const wire = await openWire((frame, hear) => {
    wire.clock.after(tookMs(), () => hear(right(block(frame.readUInt16BE(2)))));
  });
  return wire;
};

const readTimes = async (wire: Awaited<ReturnType<typeof openWire>>, times: number): Promise<readonly string[]> => {
  const outcomes: string[] = [];
  for (let turn = 0; turn < times; turn += 1) outcomes.push(await readOn(wire, block(100)));
  return outcomes;
};

test('an answer that came later than twice the time-out, just after the next request, is refused: the wire cannot carry one so soon', async () => {
  let isLate = false;
  const wire = await openLine(() => (isLate ? 2 * TIMEOUT_MS + BOTH_MS + 25 : BOTH_MS + 10));
  await readTimes(wire, 25);
  isLate = true;
  expect(await readOn(wire, block(400))).toBe('DEVICE_SILENT');
  isLate = false;
  expect(await readOn(wire, block(500))).toBe('MODBUS_REPLY_INVALID');
  expect(await readOn(wire, block(600))).toBe('600,601');
});

test('a line that was never as slow as its stated speed is read from its first answer on', async () => {
  const wire = await openLine(() => 1);
  expect(new Set(await readTimes(wire, 40))).toEqual(new Set(['100,101']));
});

test('a line that becomes faster than it was told is believed at the third answer', async () => {
  let tookMs = BOTH_MS + 10;
  const wire = await openLine(() => tookMs);
  await readTimes(wire, 25);
  tookMs = 1;
  expect(await readTimes(wire, 4)).toEqual(['MODBUS_REPLY_INVALID', 'MODBUS_REPLY_INVALID', '100,101', '100,101']);
});
