import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/**
 * Node cannot open a pseudo-terminal and no package that we have does; Debian's Python can. It only carries bytes between
 * the terminal's other end and this process: each piece that it is given has an instant, on the machine's monotonic clock,
 * after which it is not to be carried any more.
 */
const PYTHON = '/usr/bin/python3';
const CARRIER = `
import os, pty, select, struct, sys, time, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.write(2, (os.ttyname(slave) + "\\n").encode())
given = b""
while True:
    ready, _, _ = select.select([0, master], [], [])
    if 0 in ready:
        more = os.read(0, 65536)
        if not more: sys.exit()
        given += more
    while len(given) >= 10:
        not_after, length = struct.unpack(">QH", given[:10])
        if len(given) < 10 + length: break
        if time.monotonic_ns() <= not_after: os.write(master, given[10:10 + length])
        given = given[10 + length:]
    if master in ready: os.write(1, os.read(master, 4096))
`;

const NEVER = 2n ** 63n - 1n;
const NS_IN_MS = 1e6;

/** The machine's monotonic clock when `performance.now()` was 0. */
const originNs = process.hrtime.bigint() - BigInt(Math.round(performance.now() * NS_IN_MS));

const addressed = (bytes: Uint8Array, notAfterMs: number | undefined): Buffer => {
  const head = Buffer.alloc(10);
  head.writeBigUInt64BE(notAfterMs === undefined ? NEVER : originNs + BigInt(Math.round(notAfterMs * NS_IN_MS)));
  head.writeUInt16BE(bytes.length, 8);
  return Buffer.concat([head, bytes]);
};

/** A serial line: what is opened at `path` speaks with `write` and `onBytes`. */
export interface StartedPty {
  readonly path: string;
  /** Nothing is heard of bytes that would come later than `notAfterMs`, as `performance.now()` counts. */
  write(bytes: Uint8Array, notAfterMs?: number): void;
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
    write: (bytes, notAfterMs) => void child.stdin.write(addressed(bytes, notAfterMs)),
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
