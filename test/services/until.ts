import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition of the real world holds (a file, a port, a child process); fails with its name after
 * `patienceMs`. `everyMs`: what looks at it may cost, or be counted.
 */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = 10_000,
  everyMs = 20,
): Promise<void> => {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Still not so after ${patienceMs} ms: ${what}`);
    await pause(everyMs);
  }
};
