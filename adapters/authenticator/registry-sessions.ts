import type { Authenticator } from '#contract/ports/authenticator.ts';
import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { Account, AssetsRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import type { Principal, Resource } from '#domain/people/permission.ts';
import { isSessionOpen, SESSION_SECONDS, type Session, sessionTokenHash } from '#domain/people/session.ts';

export interface RegistrySessionsOptions {
  readonly people: Pick<PeopleRegistry, 'account' | 'session' | 'sessionByTokenHash'>;
  readonly assets: Pick<AssetsRegistry, 'measurementPoint'>;
  readonly clock: Clock;
}

/**
 * Sessions read in the registry at each request. A session ends at its civil end, and also when this process has known it
 * for its whole length: setting the clock back never prolongs it.
 */
export const createRegistryAuthenticator = ({ people, assets, clock }: RegistrySessionsOptions): Authenticator => {
  const firstSeen = new Map<string, Monotonic>();

  const isOpen = (session: Session, account: Account): boolean => {
    const seenAt = firstSeen.get(session.id) ?? clock.monotonicNow();
    const outlived = clock.monotonicNow() - seenAt >= SESSION_SECONDS[account.kind] * 1000;
    const open = !outlived && isSessionOpen(session, clock.civilNow());
    if (open) firstSeen.set(session.id, seenAt);
    else if (session.revokedAt !== null) firstSeen.delete(session.id);
    return open;
  };

  const principalOf = async (session: Session | null): Promise<Principal | null> => {
    if (session === null) return null;
    const account = await people.account(session.account);
    if (account === null || !isOpen(session, account)) return null;
    return { account: account.id, displayName: account.displayName, session: session.id, hats: account.hats };
  };

  return {
    authenticate: async (token) => principalOf(await people.sessionByTokenHash(sessionTokenHash(token))),
    recheck: async (session) => principalOf(await people.session(session)),
    resolvePoint: async (point): Promise<Resource | null> => {
      const found = await assets.measurementPoint(point);
      if (found === null) return null;
      if (found.privacy === 'operational') return { kind: 'site', site: found.site };
      return found.dwelling === null ? null : { kind: 'dwelling', dwelling: found.dwelling };
    },
  };
};
