import { fault } from '#contract/errors.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { PasswordHasher } from '#contract/ports/password-hasher.ts';
import type { Account, AuditRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { Principal } from '#domain/people/permission.ts';
import { SESSION_SECONDS, sessionTokenHash } from '#domain/people/session.ts';
import { newSessionId, newSessionToken, normaliseLetterCode, staffLogin, tenantLogin, tenantSecret } from './secrets.ts';
import { createSignInAttempts } from './sign-in-attempts.ts';

export interface SessionsMeans {
  readonly people: PeopleRegistry;
  readonly audit: AuditRegistry;
  readonly hasher: PasswordHasher;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
}

export type PresentedCredentials =
  | { readonly email: string; readonly password: string }
  | { readonly letterCode: string; readonly digits: string };

export interface OpenedSession {
  /** In its owner's hands only. */
  readonly token: string;
  readonly endsAt: Instant;
  readonly account: Account;
}

export interface Sessions {
  /** Rejects with `SIGN_IN_REFUSED`, whatever was wrong, or with `SIGN_IN_SLOWED`. */
  open(credentials: PresentedCredentials, clientAddress: string): Promise<OpenedSession>;
  /** Revokes it at once, on every service. */
  close(principal: Principal): Promise<void>;
}

interface Presented {
  readonly kind: Account['kind'];
  readonly login: string;
  readonly secret: string;
}

const presentedBy = (credentials: PresentedCredentials): Presented => {
  if ('email' in credentials) return { kind: 'staff', login: staffLogin(credentials.email), secret: credentials.password };
  const letterCode = normaliseLetterCode(credentials.letterCode);
  return { kind: 'tenant', login: tenantLogin(letterCode), secret: tenantSecret(letterCode, credentials.digits) };
};

export const createSessions = ({ people, audit, hasher, changes, clock }: SessionsMeans): Sessions => {
  const attempts = createSignInAttempts(clock);
  /** Compared against when there is no such account, so that the answer takes as long. */
  let decoyHash: Promise<string> | null = null;

  const record = (action: string, account: string, detail: string): Promise<void> =>
    audit.record({ at: clock.civilNow(), by: account, action, object: account, site: null, detail });

  /** The account whose secret this is, or null. */
  const recognise = async ({ kind, login, secret }: Presented): Promise<{ account: Account | null; right: boolean }> => {
    decoyHash ??= hasher.hash(newSessionToken());
    const credential = await people.credentialOf(login);
    const account = credential === null ? null : await people.account(credential.account);
    const right = await hasher.verify(credential?.secretHash ?? (await decoyHash), secret);
    return { account, right: right && account !== null && account.kind === kind };
  };

  const refuseWaiting = (keys: readonly string[]): void => {
    const minutes = attempts.minutesToWait(keys);
    if (minutes > 0) throw fault('SIGN_IN_SLOWED', { minutes });
  };

  /** The wait is recorded once, when it begins: what comes during it is not looked at. */
  const recordRefusal = async (keys: readonly string[], account: Account | null, detail: string): Promise<void> => {
    const known = account?.id ?? 'unknown';
    await record('sign-in-refused', known, detail);
    const minutes = attempts.minutesToWait(keys);
    if (minutes > 0) await record('sign-in-slowed', known, `${detail}, ${minutes} min`);
  };

  const begin = async (account: Account): Promise<OpenedSession> => {
    const token = newSessionToken();
    const openedAt = clock.civilNow();
    // Elapsed time, written as a civil instant of a clock that may run faster.
    const endsAt = instant(Math.round(openedAt + SESSION_SECONDS[account.kind] * 1000 * clock.speed));
    const session = { id: newSessionId(), account: account.id, tokenHash: sessionTokenHash(token), openedAt, endsAt };
    await people.addSession({ ...session, revokedAt: null });
    return { token, endsAt, account };
  };

  return {
    open: async (credentials, clientAddress) => {
      const presented = presentedBy(credentials);
      const [accountKey, addressKey] = [`account:${presented.login}`, `address:${clientAddress}`];
      const keys = [accountKey, addressKey];
      refuseWaiting(keys);
      attempts.begin(keys);
      const { account, right } = await recognise(presented);
      if (account === null || !right) {
        await recordRefusal(keys, account, `${presented.kind}, from ${clientAddress}`);
        throw fault('SIGN_IN_REFUSED');
      }
      attempts.succeed(accountKey, addressKey);
      const opened = await begin(account);
      await record('signed-in', account.id, `${presented.kind}, from ${clientAddress}`);
      return opened;
    },
    close: async ({ account, session }) => {
      await people.revokeSession(session, clock.civilNow());
      await record('signed-out', account, session);
      changes.tell({ changed: 'session', id: session });
    },
  };
};
