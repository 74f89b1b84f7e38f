import { setTimeout as pause } from 'node:timers/promises';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { Fault } from '#contract/errors.ts';
import { connectModbus } from '#gateway/modbus/connect-modbus.ts';
import { decodeRead, encodeRead, type ReadRequest } from '#gateway/modbus/requests.ts';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import type { ModbusTransport } from '#gateway/modbus/transport.ts';
import type { CarryingWindow } from '#test/services/start-pty.ts';
import { type HeldUp, notHeldUp } from './held-up.ts';
import type { LineRequest, ScriptedLine } from './scripted-line.ts';
import { wordsFromAddress } from './scripted-server.ts';

/** How a unit's reads went while something was wrong on its line. */
export interface Tally {
  reads: number;
  right: number;
  wrong: number;
  /** By the code of their fault. */
  readonly refused: Record<string, number>;
  /** How often what is tried happened. */
  tried: number;
}

export interface Trial {
  readonly startLine: () => Promise<ScriptedLine>;
  readonly seed: number;
  /** What a unit is waited for. */
  readonly timeoutMs: number;
  readonly isEnough: (tally: Tally) => boolean;
  /** This process, meanwhile. */
  readonly heldUp?: HeldUp;
}

/** The same sequence at each run. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};

const FIRST_ADDRESS = 1000;
const ADDRESSES = 60_000;
/** No block that a trial reads. */
const FOREIGN_ADDRESS = 5;
/** Of the time-out; the rest is the way from the terminal to who waits for it. */
const LATEST = 1.95;

const block = (address: number): ReadRequest => ({ unitId: 1, table: 'holding', address, count: 2 });
const answerTo = (address: number): Buffer =>
  encodeRtu(1, Uint8Array.from(wordsFromAddress({ functionCode: 3, address, count: 2 })));

/** A line on trial: its units, what reads them, and when each request left. */
interface OnTrial {
  readonly units: ScriptedLine;
  readonly transport: ModbusTransport;
  readonly random: () => number;
  readonly tally: Tally;
  /** From so long after the request left, and, however busy this machine is, not later than twice the time-out. */
  window(request: Pick<LineRequest, 'address'>, afterMs?: number): CarryingWindow;
}

const open = async ({ startLine, seed, timeoutMs }: Trial): Promise<OnTrial> => {
  const units = await startLine();
  const sentAtMs = new Map<number, number>();
  const addressAt = units.line.kind === 'tcp' ? 8 : 2;
  const ear = {
    sent: (bytes: Uint8Array) => void sentAtMs.set(Buffer.from(bytes).readUInt16BE(addressAt), performance.now()),
    received: () => undefined,
  };
  const transport = connectModbus('bus-trial', units.line, createSystemClock(), ear);
  await transport.connect();
  return {
    units,
    transport,
    random: randomFrom(seed),
    tally: { reads: 0, right: 0, wrong: 0, refused: {}, tried: 0 },
    window: ({ address }, afterMs = 0) => {
      const leftMs = sentAtMs.get(address) ?? performance.now();
      return { fromMs: leftMs + afterMs, untilMs: leftMs + LATEST * timeoutMs };
    },
  };
};

/** Reads blocks that only their values tell apart. */
const readMany = async ({ transport, tally }: OnTrial, { timeoutMs, isEnough }: Trial): Promise<void> => {
  for (; !isEnough(tally); tally.reads += 1) {
    const request = block(FIRST_ADDRESS + ((tally.reads * 2) % ADDRESSES));
    try {
      const { pdu } = await transport.request(request.unitId, encodeRead(request), timeoutMs);
      const [first, second] = decodeRead(request, pdu);
      if (first === request.address && second === request.address + 1) tally.right += 1;
      else tally.wrong += 1;
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      tally.refused[thrown.code] = (tally.refused[thrown.code] ?? 0) + 1;
    }
  }
};

/** Resolves when enough was read, with everything closed again. */
const held =
  (happen: (line: OnTrial, trial: Trial) => () => Promise<void>) =>
  async (trial: Trial): Promise<Tally> => {
    const line = await open(trial);
    const end = happen(line, trial);
    const release = await (trial.heldUp ?? notHeldUp)(randomFrom(trial.seed + 1), 1.5 * trial.timeoutMs);
    try {
      await readMany(line, trial);
    } finally {
      await release();
      await end();
      line.transport.close();
      await line.units.close();
    }
    return line.tally;
  };

const nothingToEnd = async (): Promise<void> => undefined;

const LATE_SHARE = 0.2;

/** One answer in five begins after the time-out, all before twice the time-out. */
export const tryLateAnswers = held(({ units, random, tally, window }, { timeoutMs }) => {
  units.script = (request) => {
    const isLate = random() < LATE_SHARE;
    if (isLate) tally.tried += 1;
    request.reply(wordsFromAddress(request), window(request, isLate ? timeoutMs * (1.05 + random() * 0.85) : 0));
  };
  return nothingToEnd;
});

/** Another master reads the same unit, as many registers; a unit answers one request after the other, in any order. */
export const trySecondMaster = held(({ units, random, tally, window }, { timeoutMs }) => {
  const waiting: (() => void)[] = [];
  let isForeign = false;
  units.script = (request) => {
    const answer = (): void => request.reply(wordsFromAddress(request), window(request));
    if (isForeign) waiting.push(answer);
    else answer();
  };
  const ended = new AbortController();
  const speaking = (async () => {
    while (!ended.signal.aborted) {
      await pause(1 + random() * 25);
      isForeign = true;
      tally.tried += 1;
      const saidMs = performance.now();
      units.say(encodeRtu(1, encodeRead(block(FOREIGN_ADDRESS))));
      await pause(random() * 8);
      units.say(answerTo(FOREIGN_ADDRESS), { fromMs: saidMs, untilMs: saidMs + 0.7 * timeoutMs });
      isForeign = false;
      for (const answer of waiting.splice(0)) answer();
    }
  })();
  return async () => {
    ended.abort();
    await speaking;
  };
});

/** Broadcasts that another maker's devices send, some of them no Modbus at all. */
export const tryForeignBroadcasts = held(({ units, random, tally, window }) => {
  const shout = (bytes: Uint8Array): void => {
    tally.tried += 1;
    units.say(bytes);
  };
  units.script = (request) => {
    if (random() < 0.2) shout(encodeRtu(0, Uint8Array.from([6, 0, 1, 0, 9])));
    if (random() < 0.1) shout(Buffer.from('9a55c3000102', 'hex'));
    request.reply(wordsFromAddress(request), window(request));
  };
  return nothingToEnd;
});

const MOST_BITS = 3;
const LONGEST_BURST = 16;

const flip = (frame: Buffer, bits: readonly number[]): Buffer => {
  const corrupted = Buffer.from(frame);
  for (const bit of bits) corrupted[bit >> 3] = (corrupted[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return corrupted;
};

/** One to three bits anywhere, or a burst of up to 16 whose first and last are wrong. */
const corruption = (random: () => number, bits: number): readonly number[] => {
  const some = (most: number): number => Math.floor(random() * most);
  if (random() < 0.5) return [...new Set(Array.from({ length: 1 + some(MOST_BITS) }, () => some(bits)))];
  const length = 2 + some(LONGEST_BURST - 1);
  const from = some(bits - length + 1);
  return Array.from({ length }, (_each, index) => from + index).filter(
    (_bit, index) => index === 0 || index === length - 1 || random() < 0.5,
  );
};

/** Every second answer is corrupted: up to three bits of it, or a burst of up to 16. */
export const tryCorruption = held(({ units, random, tally, window }) => {
  units.script = (request) => {
    const answer = answerTo(request.address);
    const isCorrupted = random() < 0.5;
    if (isCorrupted) tally.tried += 1;
    units.say(isCorrupted ? flip(answer, corruption(random, answer.length * 8)) : answer, window(request));
  };
  return nothingToEnd;
});
