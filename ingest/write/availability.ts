import type { Logger } from '#contract/ports/logger.ts';

/** Whether something we depend on answers; one log line at each change. */
export interface Availability {
  answered(): void;
  failed(reason: string): void;
  /** Why it is not available, or null. */
  readonly why: string | null;
}

export const createAvailability = (name: 'store' | 'registry' | 'bus', logger: Logger): Availability => {
  let why: string | null = null;
  return {
    get why() {
      return why;
    },
    answered() {
      if (why !== null) logger.info(`${name}-answered-again`);
      why = null;
    },
    failed(reason) {
      if (why === null) logger.error(`${name}-became-unavailable`, { reason });
      why = reason;
    },
  };
};
