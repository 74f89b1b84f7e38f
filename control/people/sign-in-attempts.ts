import type { Clock, Monotonic } from '#contract/ports/clock.ts';

export const ERRORS_BEFORE_WAIT = 5;
export const WAIT_MINUTES = 15;
const WAIT_MS = WAIT_MINUTES * 60_000;
/** Keys remembered; the one idle longest goes first. */
const KEYS_KEPT = 20_000;

interface Attempts {
  readonly errors: number;
  readonly lastAt: Monotonic;
}

/** Counts errors by account and by client address, in elapsed time: no clock setting shortens the wait. */
export interface SignInAttempts {
  /** Minutes still to wait for any of these keys, 0 when none waits. */
  minutesToWait(keys: readonly string[]): number;
  /** Counted as an error before its secret is looked at, so that attempts made together are all counted. */
  begin(keys: readonly string[]): void;
  /** It was right: the account starts afresh, the address forgets this one attempt. */
  succeed(accountKey: string, addressKey: string): void;
}

export const createSignInAttempts = (clock: Clock): SignInAttempts => {
  const kept = new Map<string, Attempts>();

  const current = (key: string): Attempts | undefined => {
    const attempts = kept.get(key);
    if (attempts !== undefined && clock.monotonicNow() - attempts.lastAt >= WAIT_MS) {
      kept.delete(key);
      return undefined;
    }
    return attempts;
  };

  const keep = (key: string, attempts: Attempts): void => {
    kept.delete(key);
    kept.set(key, attempts);
    if (kept.size <= KEYS_KEPT) return;
    const [idlest] = kept.keys();
    if (idlest !== undefined) kept.delete(idlest);
  };

  return {
    minutesToWait: (keys) => {
      const waits = keys.map((key) => {
        const attempts = current(key);
        if (attempts === undefined || attempts.errors < ERRORS_BEFORE_WAIT) return 0;
        return Math.ceil((attempts.lastAt + WAIT_MS - clock.monotonicNow()) / 60_000);
      });
      return Math.max(0, ...waits);
    },
    begin: (keys) => {
      for (const key of keys) keep(key, { errors: (current(key)?.errors ?? 0) + 1, lastAt: clock.monotonicNow() });
    },
    succeed: (accountKey, addressKey) => {
      kept.delete(accountKey);
      const address = kept.get(addressKey);
      if (address === undefined) return;
      if (address.errors <= 1) kept.delete(addressKey);
      else kept.set(addressKey, { ...address, errors: address.errors - 1 });
    },
  };
};
