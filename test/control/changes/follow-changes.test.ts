import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import type { ChangeFeed } from '#contract/ports/changes.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import { changeRoutes } from '#control/changes/follow-changes.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { accountId, dwellingId, siteId } from '#domain/identifiers.ts';
import type { Hat } from '#domain/people/permission.ts';
import { openTestRegistry, type TestRegistry } from '../registry-of-control.ts';

const NOW = parseInstant('2026-11-24T09:00:00Z');
const HOUR = 3_600_000;
const street = siteId('site-street');
const building = siteId('site-building');
const home = dwellingId('dwelling-home');

const EVERYTHING: readonly ChangeEvent[] = [
  { changed: 'street', id: street },
  { changed: 'street', id: 'site-other' },
  { changed: 'building', id: building },
  { changed: 'building', id: 'site-other' },
  { changed: 'home', id: home },
  { changed: 'home', id: 'dwelling-other' },
  { changed: 'session', id: 'session-of-somebody' },
  { changed: 'street', id: 'NOT AN ID' },
];

describe('a stream of changes', () => {
  let registry: TestRegistry;
  let clock: SimulatedClock;
  let changes: ChangeFeed & { listeners: () => number };

  beforeEach(async () => {
    registry = await openTestRegistry();
    clock = createSimulatedClock({ civil: NOW });
    const feed = createInProcessChangeFeed();
    let listeners = 0;
    changes = {
      tell: feed.tell,
      listeners: () => listeners,
      listen: (listener) => {
        listeners += 1;
        const cancel = feed.listen(listener);
        let listening = true;
        return () => {
          if (listening) listeners -= 1;
          listening = false;
          cancel();
        };
      },
    };
  });
  afterEach(() => registry.close());

  const follow = async (hat: Hat, signal = new AbortController().signal) => {
    const { people, assets } = registry.control();
    const account = accountId(`account-${hat.role}`);
    const kind = hat.role === 'tenant' ? 'tenant' : 'staff';
    await people.addAccount(
      { id: account, kind, displayName: 'A', hats: [hat], demo: false },
      { account, login: 'a', secretHash: 'x' },
    );
    const session = { id: 'session-own', account, tokenHash: 'h', openedAt: NOW, endsAt: instant(NOW + HOUR), revokedAt: null };
    await people.addSession(session);
    const authenticator = createRegistryAuthenticator({ people, assets, clock });
    const principal = await authenticator.recheck('session-own');
    const [mounted] = changeRoutes({ changes, authenticator, clock });
    if (mounted === undefined) throw new Error('there is no route');
    const stream = (await mounted.handler({ principal, signal } as never)) as AsyncIterable<ChangeEvent>;
    return stream[Symbol.asyncIterator]();
  };

  it.each([
    ['a technician', { role: 'technician', organisation: 'USEDA', sites: [street] }, { changed: 'street', id: street }],
    ['a landlord', { role: 'landlord', organisation: 'OPAL', sites: [building] }, { changed: 'building', id: building }],
    ['a tenant', { role: 'tenant', dwelling: home, from: instant(0), to: null }, { changed: 'home', id: home }],
  ] as const satisfies readonly (readonly [string, Hat, ChangeEvent])[])(
    'tells %s only what he may read',
    async (_who, hat, own) => {
      const stream = await follow(hat);
      for (const change of EVERYTHING) changes.tell(change);
      expect(await stream.next()).toEqual({ done: false, value: own });
      const next = stream.next();
      await registry.control().people.revokeSession('session-own', clock.civilNow());
      changes.tell({ changed: 'session', id: 'session-own' });
      expect(await next).toEqual({ done: false, value: { changed: 'session', id: 'session-own' } });
      expect((await stream.next()).done).toBe(true);
      expect(changes.listeners()).toBe(0);
    },
  );

  it('tells a change once to a reader who was slow to read it', async () => {
    const stream = await follow({ role: 'technician', organisation: 'USEDA', sites: [street, siteId('site-second')] });
    for (let time = 0; time < 100; time += 1) changes.tell({ changed: 'street', id: street });
    changes.tell({ changed: 'street', id: 'site-second' });
    expect((await stream.next()).value).toEqual({ changed: 'street', id: street });
    expect((await stream.next()).value).toEqual({ changed: 'street', id: 'site-second' });
  });

  it('is closed when its session expires, or is revoked by another process, though nothing changed', async () => {
    const stream = await follow({ role: 'technician', organisation: 'USEDA', sites: [street] });
    const next = stream.next();
    await clock.advance(HOUR - 20_000);
    changes.tell({ changed: 'street', id: street });
    expect((await next).value).toEqual({ changed: 'street', id: street });
    const last = stream.next();
    for (let look = 0; look < 4; look += 1) await clock.advance(15_000);
    expect((await last).value).toEqual({ changed: 'session', id: 'session-own' });
  });

  it('stops telling a tenant from the end of the tenancy on', async () => {
    const stream = await follow({ role: 'tenant', dwelling: home, from: instant(0), to: instant(NOW + 60_000) });
    changes.tell({ changed: 'home', id: home });
    expect((await stream.next()).value).toEqual({ changed: 'home', id: home });
    clock.stepCivil(instant(NOW + 60_000));
    changes.tell({ changed: 'home', id: home });
    const next = stream.next();
    await registry.control().people.revokeSession('session-own', clock.civilNow());
    changes.tell({ changed: 'session', id: 'session-own' });
    expect((await next).value).toEqual({ changed: 'session', id: 'session-own' });
  });

  it('lets go of everything when the reader is gone, also before having read', async () => {
    const gone = new AbortController();
    const stream = await follow({ role: 'technician', organisation: 'USEDA', sites: [street] }, gone.signal);
    expect(changes.listeners()).toBe(1);
    gone.abort();
    expect(changes.listeners()).toBe(0);
    expect((await stream.next()).done).toBe(true);
  });
});
