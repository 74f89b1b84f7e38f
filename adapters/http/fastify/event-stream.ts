import type { z } from 'zod';
import type { Clock } from '#contract/ports/clock.ts';
import { eventText, HEARTBEAT_TEXT, RETRY_TEXT } from '../event-lines.ts';

/** Under the 30 s after which many proxies cut a silent connection. */
export const HEARTBEAT_MS = 25_000;

export interface EventStreamOptions {
  readonly events: AsyncIterable<unknown>;
  readonly schema: z.ZodType;
  readonly clock: Clock;
  /** Aborted when the client leaves, the session is revoked or the server stops. */
  readonly signal: AbortSignal;
  /** Asked at each heartbeat: a session revoked by another service ends its stream within one. */
  readonly sessionLasts: () => Promise<boolean>;
}

const aborted = (signal: AbortSignal): Promise<'aborted'> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });

const heartbeat = (clock: Clock): { readonly due: Promise<'heartbeat'>; readonly cancel: () => void } => {
  const { promise, resolve } = Promise.withResolvers<'heartbeat'>();
  const timer = clock.after(HEARTBEAT_MS, () => resolve('heartbeat'));
  return { due: promise, cancel: () => timer.cancel() };
};

/** The text of an event stream. Each event is pulled only when the client took the one before. */
export async function* eventStream(options: EventStreamOptions): AsyncGenerator<string> {
  const { events, schema, clock, signal, sessionLasts } = options;
  const source = events[Symbol.asyncIterator]();
  const end = aborted(signal);
  yield RETRY_TEXT;
  let next = source.next();
  let beat = heartbeat(clock);
  try {
    for (;;) {
      const turn = await Promise.race([end, next, beat.due]);
      if (turn === 'aborted') return;
      if (turn === 'heartbeat') {
        if (!(await sessionLasts())) return;
        beat = heartbeat(clock);
        yield HEARTBEAT_TEXT;
        continue;
      }
      if (turn.done === true) return;
      yield eventText(JSON.stringify(schema.parse(turn.value)));
      next = source.next();
    }
  } finally {
    beat.cancel();
    // A source that waits for its next event ends by the request's signal; waiting for it here could last for ever.
    source.return?.().catch(() => undefined);
    next.catch(() => undefined);
  }
}
