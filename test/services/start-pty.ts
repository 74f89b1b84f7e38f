import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/**
 * Node cannot open a pseudo-terminal and no package that we have does; Debian's Python can. It only carries bytes between
 * the terminal's other end and this process: each piece that it is given has two instants on the machine's monotonic clock,
 * before which and after which it is not to be carried.
 */
const PYTHON = '/usr/bin/python3';
const CARRIER = `
import os, pty, select, struct, sys, time, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.write(2, (os.ttyname(slave) + "\\n").encode())
given, waiting = b"", []
while True:
    patience = max(0, min(piece[0] for piece in waiting) - time.monotonic_ns()) / 1e9 if waiting else None
    ready, _, _ = select.select([0, master], [], [], patience)
    if 0 in ready:
        more = os.read(0, 65536)
        if not more: sys.exit()
        given += more
    while len(given) >= 18:
        begin, end, length = struct.unpack(">QQH", given[:18])
        if len(given) < 18 + length: break
        waiting.append((begin, end, given[18:18 + length]))
        given = given[18 + length:]
    due = [piece for piece in waiting if piece[0] <= time.monotonic_ns()]
    waiting = [piece for piece in waiting if piece not in due]
    for begin, end, piece in due:
        if time.monotonic_ns() <= end: os.write(master, piece)
    if master in ready: os.write(1, os.read(master, 4096))
`;

/** When bytes may be carried, as `performance.now()` counts. Nothing is heard of those that would come after `untilMs`. */
export interface CarryingWindow {
  readonly fromMs: number;
  readonly untilMs?: number;
}

const HEAD_BYTES = 18;
const NEVER = 2n ** 63n - 1n;
const NS_IN_MS = 1e6;

/** The machine's monotonic clock when `performance.now()` was 0. */
const originNs = process.hrtime.bigint() - BigInt(Math.round(performance.now() * NS_IN_MS));
const machineNs = (ms: number): bigint => originNs + BigInt(Math.round(ms * NS_IN_MS));

const addressed = (bytes: Uint8Array, window: CarryingWindow | undefined): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeBigUInt64BE(window === undefined ? 0n : machineNs(window.fromMs), 0);
  head.writeBigUInt64BE(window?.untilMs === undefined ? NEVER : machineNs(window.untilMs), 8);
  head.writeUInt16BE(bytes.length, 16);
  return Buffer.concat([head, bytes]);
};

/** A serial line: what is opened at `path` speaks with `write` and `onBytes`. */
export interface StartedPty {
  readonly path: string;
  write(bytes: Uint8Array, window?: CarryingWindow): void;
  onBytes(hear: (bytes: Buffer) => void): void;
  /** Pulls the plug. */
  stop(): Promise<void>;
}

export const startPty = async (): Promise<StartedPty> => {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: this test needs it; apt-get install python3`);
  const child = spawn(PYTHON, ['-u', '-c', CARRIER], { stdio: ['pipe', 'pipe', 'pipe'] });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.stdin.on('error', () => undefined);
  const [said] = (await once(child.stderr, 'data')) as [Buffer];
  const path = said.toString().trim();
  if (!path.startsWith('/dev/')) throw new Error(`No pseudo-terminal: ${path}`);
  return {
    path,
    write: (bytes, window) => void child.stdin.write(addressed(bytes, window)),
    onBytes: (hear) => void child.stdout.on('data', hear),
    async stop() {
      process.off('exit', killWithUs);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
