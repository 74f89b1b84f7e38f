import { reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';

export interface Tellings {
  /** After those before it. A failure is logged with what it was about: the change itself is kept all the same. */
  soon(about: Readonly<Record<string, string>>, tell: () => Promise<void>): void;
  /** Resolves when all that was to be told is. */
  told(): Promise<void>;
}

/** Tells pages of what was heard, one change after the other, without keeping whoever heard it. */
export const createTellings = (logger: Logger): Tellings => {
  let last: Promise<void> = Promise.resolve();
  return {
    soon: (about, tell) => {
      last = last.then(tell).catch((thrown: unknown) => logger.error('change-not-told', { ...about, reason: reasonOf(thrown) }));
    },
    told: () => last,
  };
};
