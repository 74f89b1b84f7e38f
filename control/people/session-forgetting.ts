import { reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { PeopleRegistry } from '#contract/ports/registry.ts';
import { instant } from '#domain/civil-time.ts';

export interface SessionForgettingMeans {
  readonly people: Pick<PeopleRegistry, 'forgetSessions'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SessionForgetting {
  start(): void;
  stop(): Promise<void>;
}

const EVERY_MS = 3_600_000;
/** Long enough for the journal to be read beside them. */
const REMEMBERED_MS = 30 * 86_400_000;

/** Sessions that ended a month ago are forgotten, an hour at most after that. */
export const createSessionForgetting = ({ people, clock, logger }: SessionForgettingMeans): SessionForgetting => {
  let timer: Timer | null = null;
  let working: Promise<void> = Promise.resolve();

  const forget = (): void => {
    timer = clock.after(EVERY_MS, forget);
    working = people
      .forgetSessions(instant(clock.civilNow() - REMEMBERED_MS))
      .catch((thrown: unknown) => logger.error('sessions-not-forgotten', { reason: reasonOf(thrown) }));
  };

  return {
    start: forget,
    stop: async () => {
      timer?.cancel();
      await working;
    },
  };
};
