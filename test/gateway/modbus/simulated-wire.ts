import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { Fault } from '#contract/errors.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { ByteListener } from '#gateway/modbus/byte-link.ts';
import { decodeRead, encodeRead, type ReadRequest } from '#gateway/modbus/requests.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import { RtuTransport } from '#gateway/modbus/rtu-transport.ts';
import { wordsFromAddress } from './scripted-server.ts';

export const SPEED = { baudRate: 9600, parity: 'none', stopBits: 1 } as const;
export const TIMEOUT_MS = 100;

export const block = (address: number, unitId = 1, count = 2): ReadRequest => ({ unitId, table: 'holding', address, count });
export const right = ({ unitId, address, count }: ReadRequest): Buffer =>
  encodeRtu(unitId, Uint8Array.from(wordsFromAddress({ functionCode: 3, address, count })));

/** A wire whose bytes the test writes: `answer` gets each frame sent and says what is heard. */
export const openWire = async (
  answer: (frame: Buffer, hear: (bytes: Buffer) => void) => void,
  /** Gives what has reached this machine and was not heard yet. */
  unheard: () => Buffer | null = () => null,
) => {
  const clock = createSimulatedClock({ civil: parseInstant('2026-11-24T12:00:00Z') });
  const sentAt: number[] = [];
  const connected: { listener: ByteListener | null } = { listener: null };
  const hear = (bytes: Buffer): void => connected.listener?.received(bytes);
  const open = async (listener: ByteListener) => {
    connected.listener = listener;
    return {
      write: (bytes: Uint8Array) => {
        sentAt.push(clock.monotonicNow());
        answer(Buffer.from(bytes), hear);
      },
      caughtUp: (then: () => void) => {
        const bytes = unheard();
        if (bytes !== null) hear(bytes);
        then();
      },
      close: () => undefined,
    };
  };
  const transport = new RtuTransport({ bus: 'bus-test', address: '/dev/wire', speed: SPEED, open, clock });
  await transport.connect();
  return { clock, transport, sentAt, hear, lose: () => connected.listener?.lost('pulled out') };
};

/** Moves the clock until it settles: what it resolves with, or the code of its fault. */
export const settled = async <T>(clock: SimulatedClock, work: Promise<T>): Promise<T | string> => {
  const outcome: { value: T | string | null } = { value: null };
  const watched = work.then(
    (value) => {
      outcome.value = value;
    },
    (thrown: unknown) => {
      if (!(thrown instanceof Fault)) throw thrown;
      outcome.value = thrown.code;
    },
  );
  while (outcome.value === null) await clock.advance(10);
  await watched;
  return outcome.value;
};

export const readOn = async ({ clock, transport }: Awaited<ReturnType<typeof openWire>>, request: ReadRequest) => {
  const answer = await settled(clock, transport.request(request.unitId, encodeRead(request), TIMEOUT_MS));
  if (typeof answer === 'string') return answer;
  try {
    return decodeRead(request, answer.pdu).join(',');
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown.code;
    throw thrown;
  }
};
