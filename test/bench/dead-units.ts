import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { Fault } from '#contract/errors.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { createFieldLines } from '#gateway/modbus/field-lines.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import { silenceMs, wireMs } from '#gateway/modbus/serial-timing.ts';
import { wordsFromAddress } from '#test/gateway/modbus/scripted-server.ts';
import { startPty } from '#test/services/start-pty.ts';
import { type Bench, row } from './bench.ts';
import { sendPaced } from './send-paced.ts';

const SPEED = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
const UNITS = 32;
const REGISTERS = 10;
const TURNAROUND_MS = 20;
const REQUEST_BYTES = 8;
const ANSWER_BYTES = 5 + REGISTERS * 2;

const startWire = async () => {
  const pty = await startPty();
  const dead = new Set<number>();
  let heard = Buffer.alloc(0);
  const answer = (frame: Buffer): void => {
    const unitId = frame.readUInt8(0);
    if (dead.has(unitId)) return;
    const words = wordsFromAddress({ functionCode: 3, address: frame.readUInt16BE(2), count: REGISTERS });
    const startsAtMs = performance.now() + wireMs(SPEED, REQUEST_BYTES) + TURNAROUND_MS;
    sendPaced(pty, SPEED, encodeRtu(unitId, Uint8Array.from(words)), startsAtMs);
  };
  pty.onBytes((bytes) => {
    heard = Buffer.concat([heard, bytes]);
    while (heard.length >= REQUEST_BYTES) {
      const frame = Buffer.from(heard.subarray(0, REQUEST_BYTES));
      heard = heard.subarray(REQUEST_BYTES);
      answer(frame);
    }
  });
  return { path: pty.path, dead, stop: () => pty.stop() };
};

/** Reads every unit in turn. Resolves with the mean time of a round of those begun after `skipMs`, and what was wrong. */
const readRounds = async (bus: Bus, skipMs: number, lengthMs: number) => {
  const startedAt = performance.now();
  const begun: number[] = [];
  let wrong = 0;
  const isOver = (): boolean => performance.now() - startedAt >= skipMs + lengthMs;
  while (!isOver()) {
    if (performance.now() - startedAt >= skipMs) begun.push(performance.now());
    for (let unitId = 1; unitId <= UNITS; unitId += 1) {
      try {
        const { words } = await bus.read({ unitId, table: 'holding', address: unitId * 100, count: REGISTERS }, 'polling');
        if (words[0] !== unitId * 100) wrong += 1;
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
      }
    }
  }
  return { roundMs: (performance.now() - (begun[0] ?? 0)) / begun.length, wrong };
};

/** What a round takes when no wire is faster and no programme slower. */
const WIRE_ROUND_MS = UNITS * (wireMs(SPEED, REQUEST_BYTES + ANSWER_BYTES) + TURNAROUND_MS + silenceMs(SPEED));
const DEAD = [4, 17, 30];

const openBus = (path: string): Bus =>
  createFieldLines({ clock: createSystemClock(), logger: silentLogger }).open({
    id: 'bus-bench',
    line: { kind: 'rtu', path, ...SPEED },
    timeoutMs: 1000,
  });

/**
 * Two wires at once, so that whatever this machine does besides is the same for both: on one all live, on the other three
 * die. The machine's load lengthens both rounds; the dead lengthen one.
 */
export const bench: Bench = {
  summary: '32 units at 9,600 baud on a pseudo-terminal that paces its bytes like a wire, three of them dying, in 2 minutes',
  async run(say) {
    const wires = [await startWire(), await startWire()] as const;
    const [living, dying] = [openBus(wires[0].path), openBus(wires[1].path)];
    const readBoth = (skipMs: number, lengthMs: number) =>
      Promise.all([readRounds(living, skipMs, lengthMs), readRounds(dying, skipMs, lengthMs)]);
    try {
      say('all answer on both wires');
      const before = await readBoth(2500, 20_000);
      say('three die on one of them; measured after a minute');
      for (const unitId of DEAD) wires[1].dead.add(unitId);
      const [alive, withDead] = await readBoth(60_000, 45_000);
      return [
        row(
          'a round of 32 units before any dies, over what the wire takes',
          '%',
          25,
          before.map(({ roundMs }) => (roundMs / WIRE_ROUND_MS - 1) * 100),
        ),
        row('the round longer with three dead than beside it, after 60 s', '%', 10, [
          (withDead.roundMs / alive.roundMs - 1) * 100,
        ]),
        row('wrong values', '', 0, [[...before, alive, withDead].reduce((total, { wrong }) => total + wrong, 0)]),
      ];
    } finally {
      living.close();
      dying.close();
      await Promise.all(wires.map(({ stop }) => stop()));
    }
  },
};
