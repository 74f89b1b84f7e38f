import type { Clock } from '#contract/ports/clock.ts';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import { listSites } from '#contract/routes/lighting.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { type AccountAnswer, closeSession, openSession, readSession } from '#contract/routes/session.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { AccountId } from '#domain/identifiers.ts';
import { type Hat, isPermitted } from '#domain/people/permission.ts';
import type { Sessions } from './sessions.ts';

export interface SessionRoutesMeans {
  readonly sessions: Sessions;
  readonly assets: Pick<AssetsRegistry, 'sites'>;
  readonly clock: Clock;
}

interface Person {
  readonly account: AccountId;
  readonly displayName: string;
  readonly hats: readonly Hat[];
}

/** Hats worn now: a tenancy that ended is no longer one. */
const answerOf = ({ account, displayName, hats }: Person, now: Instant): AccountAnswer => ({
  account,
  displayName,
  hats: hats.flatMap((hat): AccountAnswer['hats'] => {
    switch (hat.role) {
      case 'tenant':
        return hat.from <= now && (hat.to === null || now < hat.to) ? [{ role: 'tenant', dwelling: hat.dwelling }] : [];
      case 'admin':
        return [{ role: 'admin', organisation: hat.organisation }];
      case 'technician':
      case 'landlord':
        return [{ role: hat.role, organisation: hat.organisation, sites: [...hat.sites] }];
    }
  }),
});

export const sessionRoutes = ({ sessions, assets, clock }: SessionRoutesMeans): readonly MountedRoute[] => [
  mount(openSession, async ({ body, clientAddress }) => {
    const { token, endsAt, account } = await sessions.open(body, clientAddress);
    const person = { ...account, account: account.id };
    return { token, expiresAt: formatInstant(endsAt), account: answerOf(person, clock.civilNow()) };
  }),
  mount(readSession, ({ principal }) => Promise.resolve(answerOf(principal, clock.civilNow()))),
  mount(closeSession, async ({ principal }) => {
    await sessions.close(principal);
    return undefined;
  }),
  mount(listSites, async ({ principal }) => {
    const now = clock.civilNow();
    const seen = (await assets.sites()).filter(({ id, kind }) =>
      isPermitted(principal, kind === 'lighting' ? 'lighting.read' : 'building.read', { kind: 'site', site: id }, now),
    );
    return { sites: seen.map(({ id, name, kind }) => ({ id, name, kind })) };
  }),
];
