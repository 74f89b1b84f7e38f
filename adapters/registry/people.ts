import type { Kysely } from 'kysely';
import { fault } from '#contract/errors.ts';
import type { Account, PeopleRegistry } from '#contract/ports/registry.ts';
import type { RegistryTables } from './tables.ts';
import { isUniqueViolation } from './unique-violation.ts';

type Database = Kysely<RegistryTables>;

const accountOf = ({ hats, demo, ...row }: RegistryTables['account']): Account => ({
  ...row,
  hats: JSON.parse(hats) as Account['hats'],
  demo: demo === 1,
});

const accounts = (
  database: Database,
): Pick<PeopleRegistry, 'account' | 'accounts' | 'credentialOf' | 'addAccount' | 'replaceSecret' | 'removeDemoAccounts'> => ({
  account: async (id) => {
    const row = await database.selectFrom('account').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : accountOf(row);
  },
  accounts: async () => (await database.selectFrom('account').selectAll().orderBy('id').execute()).map(accountOf),
  credentialOf: async (login) =>
    (await database.selectFrom('credential').selectAll().where('login', '=', login).executeTakeFirst()) ?? null,
  addAccount: (account, credential) =>
    database
      .transaction()
      .execute(async (transaction) => {
        await transaction.insertInto('credential').values(credential).execute();
        await transaction
          .insertInto('account')
          .values({ ...account, hats: JSON.stringify(account.hats), demo: account.demo ? 1 : 0 })
          .execute();
      })
      .catch((thrown: unknown) => {
        throw isUniqueViolation(thrown) ? fault('LOGIN_TAKEN', { login: credential.login }, thrown) : thrown;
      }),
  replaceSecret: (account, secretHash, at) =>
    database.transaction().execute(async (transaction) => {
      await transaction.updateTable('credential').set({ secretHash }).where('account', '=', account).execute();
      await transaction
        .updateTable('session')
        .set({ revokedAt: at })
        .where('account', '=', account)
        .where('revokedAt', 'is', null)
        .execute();
    }),
  removeDemoAccounts: () =>
    database.transaction().execute(async (transaction) => {
      const demo = transaction.selectFrom('account').select('id').where('demo', '=', 1);
      await transaction.deleteFrom('session').where('account', 'in', demo).execute();
      await transaction.deleteFrom('credential').where('account', 'in', demo).execute();
      await transaction.deleteFrom('account').where('demo', '=', 1).execute();
    }),
});

export const peopleRegistry = (database: Database): PeopleRegistry => ({
  ...accounts(database),
  addSession: async (session) => {
    await database.insertInto('session').values(session).execute();
  },
  sessionByTokenHash: async (tokenHash) =>
    (await database.selectFrom('session').selectAll().where('tokenHash', '=', tokenHash).executeTakeFirst()) ?? null,
  session: async (id) => (await database.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
  revokeSession: async (id, at) => {
    await database.updateTable('session').set({ revokedAt: at }).where('id', '=', id).where('revokedAt', 'is', null).execute();
  },
  forgetSessions: async (endedBefore) => {
    await database
      .deleteFrom('session')
      .where(({ eb, or }) => or([eb('endsAt', '<', endedBefore), eb('revokedAt', '<', endedBefore)]))
      .execute();
  },
});
