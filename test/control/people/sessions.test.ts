import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRegistryAuthenticator } from '#adapters/authenticator/registry-sessions.ts';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { createArgon2Hasher } from '#adapters/password-hasher/argon2.ts';
import type { Authenticator } from '#contract/ports/authenticator.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import { importAssets } from '#control/assets/import-assets.ts';
import { type Accounts, createAccounts } from '#control/people/accounts.ts';
import { createSessions, type Sessions } from '#control/people/sessions.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { dwellingId, pointId, siteId } from '#domain/identifiers.ts';
import { demoAssetsFile, openTestRegistry, type TestRegistry } from '../registry-of-control.ts';

const HOUR = 3_600_000;
const EMAIL = 'marie@example.org';
const PASSWORD = 'correct horse battery';
const WRONG = { email: EMAIL, password: 'wrong horse battery' };
const ADDRESS = '192.0.2.7';

describe('a session', () => {
  let registry: TestRegistry;
  let clock: SimulatedClock;
  let sessions: Sessions;
  let accounts: Accounts;
  let authenticator: Authenticator;
  let told: ChangeEvent[];

  const compose = (): void => {
    const { people, audit, assets } = registry.control();
    const changes = createInProcessChangeFeed();
    const hasher = createArgon2Hasher();
    told = [];
    changes.listen((change) => told.push(change));
    sessions = createSessions({ people, audit, hasher, changes, clock });
    accounts = createAccounts({ people, assets, audit, hasher, clock });
    authenticator = createRegistryAuthenticator({ people, assets, clock });
  };

  beforeEach(async () => {
    registry = await openTestRegistry();
    clock = createSimulatedClock({ civil: parseInstant('2026-11-24T09:00:00Z') });
    compose();
    const hat = { role: 'technician', organisation: 'USEDA', sites: [siteId('site-republique')] } as const;
    await accounts.createStaffAccount({ email: ` Marie@Example.org `, displayName: 'Marie', password: PASSWORD, hats: [hat] });
  });
  afterEach(() => registry.close());

  const signIn = () => sessions.open({ email: EMAIL, password: PASSWORD }, ADDRESS);
  const refusals = async (count: number, address = ADDRESS): Promise<void> => {
    for (let error = 1; error <= count; error += 1)
      await expect(sessions.open(WRONG, address)).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
  };
  const actions = async () => (await registry.control().audit.platformEntries(50)).map(({ action }) => action);

  it('is opened by the right secret and names its owner', async () => {
    const { token, endsAt } = await signIn();
    expect(endsAt).toBe(clock.civilNow() + 12 * HOUR);
    expect(await authenticator.authenticate(token)).toMatchObject({ displayName: 'Marie', hats: [{ role: 'technician' }] });
    expect(await actions()).toEqual(['signed-in', 'account-created']);
  });

  it('is never kept as its token, nor an account as its password', async () => {
    const { token } = await signIn();
    const kept = JSON.stringify([
      await registry.control().people.credentialOf(EMAIL),
      await registry.control().people.accounts(),
      await registry.control().audit.platformEntries(50),
    ]);
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(PASSWORD);
    expect(kept).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });

  it('is not opened by a forged token, nor by the hash or the id of a true one', async () => {
    const { token } = await signIn();
    const session = (await authenticator.authenticate(token))?.session ?? '';
    for (const forged of ['', 'x', `${token}x`, token.slice(1), session])
      expect(await authenticator.authenticate(forged)).toBeNull();
  });

  it('ends at its civil end', async () => {
    const { token } = await signIn();
    clock.stepCivil(instant(clock.civilNow() + 12 * HOUR - 1));
    expect(await authenticator.authenticate(token)).not.toBeNull();
    clock.stepCivil(instant(clock.civilNow() + 1));
    expect(await authenticator.authenticate(token)).toBeNull();
  });

  it('is not prolonged by setting the clock back', async () => {
    const { token } = await signIn();
    expect(await authenticator.authenticate(token)).not.toBeNull();
    await clock.advance(12 * HOUR - 1000);
    clock.stepCivil(parseInstant('2026-11-24T09:00:00Z'));
    expect(await authenticator.authenticate(token)).not.toBeNull();
    await clock.advance(1000);
    expect(await authenticator.authenticate(token)).toBeNull();
  });

  it('lasts as long in elapsed time when the civil clock runs sixty times faster', async () => {
    clock = createSimulatedClock({ civil: parseInstant('2026-12-15T16:15:00Z'), speed: 60 });
    compose();
    const { token } = await signIn();
    await clock.advance(12 * HOUR - 1);
    expect(await authenticator.authenticate(token)).not.toBeNull();
    await clock.advance(1);
    expect(await authenticator.authenticate(token)).toBeNull();
  });

  it('survives a restart and is revoked at once by signing out', async () => {
    const { token } = await signIn();
    await registry.restart();
    compose();
    const principal = await authenticator.authenticate(token);
    if (principal === null) throw new Error('the session was lost');
    await sessions.close(principal);
    expect(await authenticator.authenticate(token)).toBeNull();
    expect(await authenticator.recheck(principal.session)).toBeNull();
    expect(told).toEqual([{ changed: 'session', id: principal.session }]);
    expect((await actions())[0]).toBe('signed-out');
  });

  it('of an account is revoked when its password changes', async () => {
    const { token } = await signIn();
    await accounts.setPassword(EMAIL, 'another horse battery');
    expect(await authenticator.authenticate(token)).toBeNull();
    await expect(signIn()).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    await sessions.open({ email: EMAIL, password: 'another horse battery' }, ADDRESS);
  });

  it('waits 15 elapsed minutes after 5 errors, even for the right secret', async () => {
    await refusals(5);
    await expect(signIn()).rejects.toMatchObject({ code: 'SIGN_IN_SLOWED', fields: { minutes: 15 } });
    clock.stepCivil(instant(clock.civilNow() + 24 * HOUR));
    await clock.advance(15 * 60_000 - 1);
    await expect(signIn()).rejects.toMatchObject({ code: 'SIGN_IN_SLOWED', fields: { minutes: 1 } });
    await clock.advance(1);
    expect((await signIn()).token).toHaveLength(43);
    expect((await actions()).filter((action) => action === 'sign-in-slowed')).toHaveLength(1);
  });

  it('waits for the account from any address, and for the address on any account', async () => {
    await refusals(5);
    await expect(sessions.open({ email: EMAIL, password: PASSWORD }, '192.0.2.99')).rejects.toMatchObject({
      code: 'SIGN_IN_SLOWED',
    });
    await expect(sessions.open({ email: 'other@example.org', password: PASSWORD }, ADDRESS)).rejects.toMatchObject({
      code: 'SIGN_IN_SLOWED',
    });
    await expect(sessions.open({ email: 'other@example.org', password: PASSWORD }, '192.0.2.99')).rejects.toMatchObject({
      code: 'SIGN_IN_REFUSED',
    });
  });

  it('counts errors that are made together', async () => {
    const together = await Promise.allSettled(Array.from({ length: 12 }, () => sessions.open(WRONG, ADDRESS)));
    const codes = together.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as { code: string }).code : 'opened',
    );
    expect(codes.filter((code) => code === 'SIGN_IN_REFUSED')).toHaveLength(5);
    expect(codes.filter((code) => code === 'SIGN_IN_SLOWED')).toHaveLength(7);
  });

  it('forgets four errors once the right secret comes', async () => {
    await refusals(4);
    await signIn();
    await refusals(4, '192.0.2.55');
    await sessions.open({ email: EMAIL, password: PASSWORD }, '192.0.2.55');
  });

  it('looks at a secret also when there is no such account', async () => {
    const looked: string[] = [];
    const { people, audit } = registry.control();
    const argon2 = createArgon2Hasher();
    const hasher = {
      hash: argon2.hash,
      verify: (hash: string, secret: string) => {
        looked.push(hash);
        return argon2.verify(hash, secret);
      },
    };
    const watched = createSessions({ people, audit, hasher, changes: createInProcessChangeFeed(), clock });
    await expect(watched.open({ email: 'nobody@example.org', password: 'x' }, ADDRESS)).rejects.toMatchObject({
      code: 'SIGN_IN_REFUSED',
    });
    expect(looked).toHaveLength(1);
    expect(looked[0]).toContain('$argon2id$');
  });

  it('is a tenant’s by the code of his letter and four digits, for half a year', async () => {
    const dwelling = dwellingId('dwelling-tilleuls-07');
    const letter = await accounts.createTenantAccount({ displayName: 'Chez vous', dwelling, from: clock.civilNow(), to: null });
    expect(letter.letterCode).toMatch(/^[A-HJKMNP-Z2-9]{8}$/);
    expect(letter.digits).toMatch(/^\d{4}$/);
    const typed = `${letter.letterCode.slice(0, 4)}-${letter.letterCode.slice(4)}`.toLowerCase();
    const { token, endsAt } = await sessions.open({ letterCode: typed, digits: letter.digits }, ADDRESS);
    expect(endsAt).toBe(clock.civilNow() + 180 * 24 * HOUR);
    expect(await authenticator.authenticate(token)).toMatchObject({ hats: [{ role: 'tenant', dwelling }] });
    const otherDigits = letter.digits === '0000' ? '0001' : '0000';
    await expect(sessions.open({ letterCode: typed, digits: otherDigits }, ADDRESS)).rejects.toMatchObject({
      code: 'SIGN_IN_REFUSED',
    });
  });

  it('of the demonstration has secrets remade at each start; the former ones open nothing', async () => {
    await importAssets(demoAssetsFile(), { ...registry.control(), clock, logger: silentLogger });
    const tenant = {
      displayName: 'Appartement 3',
      dwelling: dwellingId('dwelling-tilleuls-03'),
      from: clock.civilNow(),
      to: null,
    };
    const first = await accounts.createDemoAccounts([tenant]);
    const second = await accounts.createDemoAccounts([tenant]);
    expect(second.map(({ role }) => role)).toEqual(['technician', 'landlord', 'admin', 'tenant']);
    for (const account of second)
      await sessions.open('email' in account ? account : { letterCode: account.letterCode, digits: account.digits }, '192.0.2.1');
    for (const account of first)
      await expect(
        sessions.open('email' in account ? account : { letterCode: account.letterCode, digits: account.digits }, '192.0.2.2'),
      ).rejects.toMatchObject({ code: 'SIGN_IN_REFUSED' });
    await accounts.removeDemoAccounts();
    expect((await registry.control().people.accounts()).map(({ displayName }) => displayName)).toEqual(['Marie']);
  });

  it('is not given for a password too short or an e-mail that is none', async () => {
    const staff = { email: 'a@b.fr', displayName: 'A', password: 'short', hats: [] };
    await expect(accounts.createStaffAccount(staff)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(accounts.createStaffAccount({ ...staff, email: 'ab.fr', password: PASSWORD })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(accounts.createStaffAccount({ ...staff, email: EMAIL, password: PASSWORD })).rejects.toMatchObject({
      code: 'LOGIN_TAKEN',
    });
  });

  it('resolves a point to its site, and a dwelling’s point to its dwelling', async () => {
    await importAssets(demoAssetsFile(), { ...registry.control(), clock, logger: silentLogger });
    expect(await authenticator.resolvePoint(pointId('point-republique-l01'))).toEqual({ kind: 'site', site: 'site-republique' });
    expect(await authenticator.resolvePoint(pointId('point-tilleuls-d07'))).toEqual({
      kind: 'dwelling',
      dwelling: 'dwelling-tilleuls-07',
    });
    expect(await authenticator.resolvePoint(pointId('point-elsewhere'))).toBeNull();
  });
});
