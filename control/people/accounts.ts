import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { PasswordHasher } from '#contract/ports/password-hasher.ts';
import type { Account, AssetsRegistry, AuditRegistry, PeopleRegistry } from '#contract/ports/registry.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { AccountId, DwellingId } from '#domain/identifiers.ts';
import type { Hat } from '#domain/people/permission.ts';
import { newAccountId, newDigits, newLetterCode, newPassword, staffLogin, tenantLogin, tenantSecret } from './secrets.ts';

export interface AccountsMeans {
  readonly people: PeopleRegistry;
  readonly assets: Pick<AssetsRegistry, 'sites'>;
  readonly audit: AuditRegistry;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
}

type StaffHat = Exclude<Hat, { readonly role: 'tenant' }>;

export interface NewStaffAccount {
  readonly email: string;
  readonly displayName: string;
  readonly password: string;
  readonly hats: readonly StaffHat[];
}

export interface NewTenantAccount {
  readonly displayName: string;
  readonly dwelling: DwellingId;
  readonly from: Instant;
  /** Exclusive; null while the tenancy lasts. */
  readonly to: Instant | null;
}

/** What is printed on the tenant's letter; it is kept nowhere else. */
export interface LetterSecrets {
  readonly account: AccountId;
  readonly letterCode: string;
  readonly digits: string;
}

export type DemoAccount =
  | {
      readonly role: 'technician' | 'landlord' | 'admin';
      readonly displayName: string;
      readonly email: string;
      readonly password: string;
    }
  | {
      readonly role: 'tenant';
      readonly displayName: string;
      readonly dwelling: DwellingId;
      readonly letterCode: string;
      readonly digits: string;
    };

export interface Accounts {
  /** Rejects with `OPTION_INVALID` for an e-mail or password that cannot serve, and with `LOGIN_TAKEN`. */
  createStaffAccount(account: NewStaffAccount): Promise<AccountId>;
  createTenantAccount(account: NewTenantAccount): Promise<LetterSecrets>;
  /** Replaces a password and revokes the account's sessions. Rejects with `OPTION_INVALID`. */
  setPassword(email: string, password: string): Promise<void>;
  /** Removes the demonstration accounts of former starts and makes them again, each with a fresh secret. */
  createDemoAccounts(tenants: readonly NewTenantAccount[]): Promise<readonly DemoAccount[]>;
  /** For a field that is real: no demonstration account may be left. */
  removeDemoAccounts(): Promise<void>;
}

export const PASSWORD_MIN_LENGTH = 12;
const LETTER_CODE_TRIES = 20;

const requireUsable = (email: string, password: string): void => {
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()))
    throw fault('OPTION_INVALID', {
      option: '--email',
      problem: `"${email}" is not an e-mail address`,
      expected: 'Give one such as name@example.org',
    });
  if (password.length < PASSWORD_MIN_LENGTH)
    throw fault('OPTION_INVALID', {
      option: '--password',
      problem: `it has ${password.length} characters`,
      expected: `Choose one of ${PASSWORD_MIN_LENGTH} characters or more`,
    });
};

const isTaken = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'LOGIN_TAKEN';

export const createAccounts = (means: AccountsMeans): Accounts => {
  const { people, hasher, clock } = means;

  const record = (action: string, account: AccountId, detail: string): Promise<void> =>
    means.audit.record({ at: clock.civilNow(), by: 'control', action, object: account, site: null, detail });

  const addStaff = async (staff: NewStaffAccount, demo: boolean): Promise<AccountId> => {
    requireUsable(staff.email, staff.password);
    const account: Account = { id: newAccountId(), kind: 'staff', displayName: staff.displayName, hats: staff.hats, demo };
    const secretHash = await hasher.hash(staff.password);
    await people.addAccount(account, { account: account.id, login: staffLogin(staff.email), secretHash });
    await record('account-created', account.id, staff.hats.map(({ role }) => role).join(', '));
    return account.id;
  };

  /** Draws again when another tenant's code begins alike. */
  const addTenant = async (tenant: NewTenantAccount, demo: boolean): Promise<LetterSecrets> => {
    const { displayName, dwelling, from, to } = tenant;
    const account: Account = {
      id: newAccountId(),
      kind: 'tenant',
      displayName,
      hats: [{ role: 'tenant', dwelling, from, to }],
      demo,
    };
    const digits = newDigits();
    for (let tries = 1; ; tries += 1) {
      const letterCode = newLetterCode();
      const secretHash = await hasher.hash(tenantSecret(letterCode, digits));
      try {
        await people.addAccount(account, { account: account.id, login: tenantLogin(letterCode), secretHash });
      } catch (thrown) {
        if (isTaken(thrown) && tries < LETTER_CODE_TRIES) continue;
        throw thrown;
      }
      await record('account-created', account.id, 'tenant');
      return { account: account.id, letterCode, digits };
    }
  };

  const addDemoStaff = async (role: StaffHat['role'], displayName: string, hat: StaffHat): Promise<DemoAccount> => {
    const email = `${role}@demo.axone.example`;
    const password = newPassword();
    await addStaff({ email, displayName, password, hats: [hat] }, true);
    return { role, displayName, email, password };
  };

  return {
    createStaffAccount: (staff) => addStaff(staff, false),
    createTenantAccount: (tenant) => addTenant(tenant, false),
    setPassword: async (email, password) => {
      requireUsable(email, password);
      const credential = await people.credentialOf(staffLogin(email));
      if (credential === null)
        throw fault('OPTION_INVALID', { option: '--email', problem: `no account signs in as ${email}`, expected: 'Check it' });
      await people.replaceSecret(credential.account, await hasher.hash(password), clock.civilNow());
      await record('password-changed', credential.account, 'sessions revoked');
    },
    removeDemoAccounts: () => people.removeDemoAccounts(),
    createDemoAccounts: async (tenants) => {
      await people.removeDemoAccounts();
      const sites = await means.assets.sites();
      const sitesOf = (kind: 'lighting' | 'building') => sites.filter((site) => site.kind === kind).map(({ id }) => id);
      const organisation = 'Axone (demonstration)';
      const staff = [
        await addDemoStaff('technician', 'Technicien', { role: 'technician', organisation, sites: sitesOf('lighting') }),
        await addDemoStaff('landlord', 'Bailleur', { role: 'landlord', organisation, sites: sitesOf('building') }),
        await addDemoStaff('admin', 'Administrateur', { role: 'admin', organisation }),
      ];
      const letters: DemoAccount[] = [];
      for (const tenant of tenants) {
        const { letterCode, digits } = await addTenant(tenant, true);
        letters.push({ role: 'tenant', displayName: tenant.displayName, dwelling: tenant.dwelling, letterCode, digits });
      }
      return [...staff, ...letters];
    },
  };
};
