import { type Fault, reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { IngestRegistry } from '#contract/ports/ingest-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';

export interface Refusal {
  readonly topic: string;
  readonly fault: Fault;
  readonly why: string;
  readonly excerpt: string;
}

/** A small place for what was refused, so that somebody can look at it. */
export interface Quarantine {
  /** Counts, logs the first of its kind, and keeps it when there is room. Never rejects. */
  keep(refusal: Refusal): void;
  /** Resolves when what was given so far is kept. */
  settled(): Promise<void>;
  /** Messages given since the start. */
  count(): number;
}

/** A flood of refusals must neither fill the memory nor hold the registry: what does not fit here is only counted. */
const WAITING_LIMIT = 100;
const LOGGED_LIMIT = 1_000;

export const createQuarantine = (deps: {
  readonly registry: IngestRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}): Quarantine => {
  const { registry, clock, logger } = deps;
  const logged = new Set<string>();
  let waiting = 0;
  let counted = 0;
  let isFailing = false;
  let last: Promise<void> = Promise.resolve();

  const say = ({ topic, fault }: Refusal): void => {
    const key = `${topic} ${fault.code}`;
    if (logged.has(key) || logged.size >= LOGGED_LIMIT) return;
    logged.add(key);
    logger.warn('message-was-refused', { topic, code: fault.code });
  };

  const save = async ({ topic, fault, why, excerpt }: Refusal): Promise<void> => {
    try {
      await registry.quarantine({ receivedAt: clock.civilNow(), topic, code: fault.code, why, excerpt });
      isFailing = false;
    } catch (thrown) {
      if (!isFailing) logger.error('quarantine-was-not-kept', { reason: reasonOf(thrown) });
      isFailing = true;
    } finally {
      waiting -= 1;
    }
  };

  return {
    keep(refusal) {
      counted += 1;
      say(refusal);
      if (waiting >= WAITING_LIMIT) return;
      waiting += 1;
      last = last.then(() => save(refusal));
    },
    settled: () => last,
    count: () => counted,
  };
};
