import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';

/** Tells every listener of this process, in the order they came, before `tell` returns. */
export const createInProcessChangeFeed = (): ChangeFeed => {
  const listeners = new Set<(change: ChangeEvent) => void>();
  return {
    tell: (change) => {
      for (const listener of [...listeners]) listener(change);
    },
    listen: (listener) => {
      // Wrapped, so that the same function given twice is two listeners.
      const own = (change: ChangeEvent): void => listener(change);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
};
