import type { Kysely } from 'kysely';
import type { AuditEntry, AuditRegistry } from '#contract/ports/registry.ts';
import type { RegistryTables } from './tables.ts';

export const auditRegistry = (database: Kysely<RegistryTables>): AuditRegistry => {
  const newest = (limit: number) =>
    database
      .selectFrom('auditEntry')
      .select(['at', 'doneBy', 'action', 'object', 'site', 'detail'])
      .orderBy('sequence', 'desc')
      .limit(limit);
  const entryOf = ({ doneBy, ...row }: Omit<AuditEntry, 'by'> & { readonly doneBy: string }): AuditEntry => ({
    ...row,
    by: doneBy,
  });
  return {
    record: async ({ by, ...entry }) => {
      await database
        .insertInto('auditEntry')
        .values({ ...entry, doneBy: by })
        .execute();
    },
    entriesOf: async (site, limit) => (await newest(limit).where('site', '=', site).execute()).map(entryOf),
    platformEntries: async (limit) => (await newest(limit).where('site', 'is', null).execute()).map(entryOf),
  };
};
