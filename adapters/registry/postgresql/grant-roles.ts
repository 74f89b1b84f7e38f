import { type Kysely, sql } from 'kysely';
import { TABLE_OWNERS } from '../migrations/index.ts';
import type { RegistryService } from '../migrations/migration.ts';
import type { RegistryTables } from '../tables.ts';

/** Roles that read the registry beside control, which owns it; each writes the tables of its service. */
const ROLES: readonly { readonly role: string; readonly service: RegistryService }[] = [
  { role: 'axone_ingest', service: 'ingest' },
];
/** Of no use to anybody but the one who signs people in. */
const SECRETS = 'credential';

/** Gives the services' roles, where the database has them, what they need and no more: the engine refuses the rest too. */
export const grantRoles = async (database: Kysely<RegistryTables>): Promise<void> => {
  for (const { role, service } of ROLES) {
    const { rows } = await sql`select 1 from pg_roles where rolname = ${role}`.execute(database);
    if (rows.length === 0) continue;
    const name = sql.id(role);
    await sql`revoke all on all tables in schema public from ${name}`.execute(database);
    await sql`grant usage on schema public to ${name}`.execute(database);
    await sql`grant select on all tables in schema public to ${name}`.execute(database);
    await sql`revoke all on ${sql.table(SECRETS)} from ${name}`.execute(database);
    await sql`grant usage on all sequences in schema public to ${name}`.execute(database);
    for (const [table, owner] of TABLE_OWNERS)
      if (owner === service) await sql`grant insert, update, delete on ${sql.table(table)} to ${name}`.execute(database);
  }
};
