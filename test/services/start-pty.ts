import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

/**
 * Node cannot open a pseudo-terminal and no package that we have does; Debian's Python can. It only carries bytes between
 * the terminal's other end and this process.
 */
const PYTHON = '/usr/bin/python3';
const CARRIER = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
os.write(2, (os.ttyname(slave) + "\\n").encode())
while True:
    ready, _, _ = select.select([0, master], [], [])
    if 0 in ready:
        given = os.read(0, 4096)
        if not given: sys.exit()
        os.write(master, given)
    if master in ready: os.write(1, os.read(master, 4096))
`;

/** A serial line: what is opened at `path` speaks with `write` and `onBytes`. */
export interface StartedPty {
  readonly path: string;
  write(bytes: Uint8Array): void;
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
    write: (bytes) => void child.stdin.write(bytes),
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
