import type { Authenticator } from '#contract/ports/authenticator.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { type ChangeEvent, followChanges } from '#contract/routes/platform.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { dwellingId, isIdentifier, siteId } from '#domain/identifiers.ts';
import { isPermitted, type Principal } from '#domain/people/permission.ts';

export interface FollowChangesMeans {
  readonly changes: ChangeFeed;
  readonly authenticator: Pick<Authenticator, 'recheck'>;
  readonly clock: Clock;
}

/** How often a session without any event is looked at again, elapsed milliseconds: an expired one is closed within it. */
const RECHECK_EVERY_MS = 15_000;

/** Whether this person may read what changed, now. */
const mayRead = (principal: Principal, { changed, id }: ChangeEvent, clock: Clock): boolean => {
  if (changed === 'session') return principal.session === id;
  if (!isIdentifier(id)) return false;
  const now = clock.civilNow();
  switch (changed) {
    case 'street':
      return isPermitted(principal, 'lighting.read', { kind: 'site', site: siteId(id) }, now);
    case 'building':
      return isPermitted(principal, 'building.read', { kind: 'site', site: siteId(id) }, now);
    case 'home':
      return isPermitted(principal, 'dwelling.read', { kind: 'dwelling', dwelling: dwellingId(id) }, now);
  }
};

/** Changes that wait for a reader; the same one told twice waits once, so it never holds more than there are objects. */
const createWaitingChanges = (changes: ChangeFeed, signal: AbortSignal) => {
  const waiting = new Map<string, ChangeEvent>();
  let wake: (() => void) | null = null;
  const stir = (): void => wake?.();
  const cancel = changes.listen((change) => {
    waiting.set(`${change.changed}/${change.id}`, change);
    stir();
  });
  const end = (): void => {
    cancel();
    stir();
  };
  signal.addEventListener('abort', end, { once: true });
  return {
    take: (): ChangeEvent | undefined => {
      const [first] = waiting;
      if (first === undefined) return undefined;
      waiting.delete(first[0]);
      return first[1];
    },
    /** Resolves when something waits, when the reader is gone, or at the next recheck. */
    stirred: async (clock: Clock): Promise<void> => {
      if (waiting.size > 0 || signal.aborted) return;
      const stirring = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const timer = clock.after(RECHECK_EVERY_MS, stir);
      await stirring;
      timer.cancel();
    },
    end,
  };
};

/**
 * Invalidations for one session, checked against its rights at each one. Ends with `{changed: 'session'}` when the
 * session is revoked or has expired.
 */
const changesFor = async function* (
  { authenticator, clock }: FollowChangesMeans,
  session: string,
  waiting: ReturnType<typeof createWaitingChanges>,
  signal: AbortSignal,
): AsyncGenerator<ChangeEvent> {
  try {
    while (!signal.aborted) {
      const change = waiting.take();
      if (change?.changed === 'session' && change.id !== session) continue;
      const principal = await authenticator.recheck(session);
      if (principal === null) {
        yield { changed: 'session', id: session };
        return;
      }
      if (change === undefined) await waiting.stirred(clock);
      else if (mayRead(principal, change, clock)) yield change;
    }
  } finally {
    waiting.end();
  }
};

export const changeRoutes = (means: FollowChangesMeans): readonly MountedRoute[] => [
  mount(followChanges, ({ principal, signal }) => {
    // Listening begins before the answer does: nothing told meanwhile is lost.
    const waiting = createWaitingChanges(means.changes, signal);
    return Promise.resolve(changesFor(means, principal.session, waiting, signal));
  }),
];
