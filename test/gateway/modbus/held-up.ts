import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

/** What holds a process up again and again until it is stopped. */
export type HeldUp = (random: () => number, mostMs: number) => Promise<() => Promise<void>>;

/** Nothing. */
export const notHeldUp: HeldUp = async () => async () => undefined;

const again = (round: () => Promise<void>): (() => Promise<void>) => {
  const ended = new AbortController();
  const running = (async () => {
    while (!ended.signal.aborted) await round();
  })();
  return async () => {
    ended.abort();
    await running;
  };
};

/** As by a computation of someone else on the one thread that listens; bytes come meanwhile. Costs no processor. */
export const listeningHeldUp: HeldUp = async (random, mostMs) => {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return again(async () => {
    await pause(random() * mostMs);
    Atomics.wait(cell, 0, 0, random() * mostMs);
  });
};

const THREADS = 4;

/** Where nobody reads yet it says ENXIO. */
const letGo = async (fifo: string): Promise<void> => {
  for (;;) {
    try {
      closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK));
      return;
    } catch {
      await pause(1);
    }
  }
};

/** As by a disk that takes its time: every thread of the pool waits at a pipe that nobody writes to. Costs no processor. */
export const threadsHeldUp: HeldUp = async (random, mostMs) => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-threads-'));
  const fifos = Array.from({ length: THREADS }, (_each, number) => join(folder, `${number}`));
  await promisify(execFile)('mkfifo', fifos);
  const stop = again(async () => {
    await pause(random() * mostMs);
    const held = fifos.map(async (fifo) => (await open(fifo, 'r')).close());
    await pause(random() * mostMs);
    for (const fifo of fifos) await letGo(fifo);
    await Promise.all(held);
  });
  return async () => {
    await stop();
    await rm(folder, { recursive: true });
  };
};
