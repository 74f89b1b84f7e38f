import type { Kysely } from 'kysely';
import type { Status } from '#contract/messages/status.ts';
import type { LightingRegistry, LightTarget, OrderedOverride } from '#contract/ports/registry.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { RegistryTables } from './tables.ts';

type Database = Kysely<RegistryTables>;

const overrideOf = ({ target, members, orderedBy, ...row }: RegistryTables['lightingOverride']): OrderedOverride => ({
  ...row,
  target: JSON.parse(target) as LightTarget,
  members: JSON.parse(members) as OrderedOverride['members'],
  by: orderedBy,
});

const programs = (
  database: Database,
): Pick<LightingRegistry, 'programsOf' | 'saveProgram' | 'assignmentsOf' | 'replaceAssignments'> => ({
  programsOf: async (site) => {
    const rows = await database
      .selectFrom('controlProgram')
      .selectAll()
      .where('site', '=', site)
      .orderBy('id')
      .orderBy('version', 'desc')
      .execute();
    return rows
      .filter((row, index) => rows[index - 1]?.id !== row.id)
      .map(({ content }) => JSON.parse(content) as ControlProgram);
  },
  saveProgram: async (site, program, publishedAt) => {
    const { id, version } = program;
    await database
      .insertInto('controlProgram')
      .values({ site, id, version, publishedAt, content: JSON.stringify(program) })
      .execute();
  },
  assignmentsOf: async (site) => {
    const rows = await database.selectFrom('programAssignment').selectAll().where('site', '=', site).orderBy('rank').execute();
    return rows.map(({ target, program }) => ({ target: JSON.parse(target) as LightTarget, program }));
  },
  replaceAssignments: (site, assignments) =>
    database.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('programAssignment').where('site', '=', site).execute();
      if (assignments.length === 0) return;
      await transaction
        .insertInto('programAssignment')
        .values(assignments.map(({ target, program }, rank) => ({ site, rank, target: JSON.stringify(target), program })))
        .execute();
    }),
});

const overrides = (
  database: Database,
): Pick<LightingRegistry, 'addOverride' | 'override' | 'overridesInForce' | 'endOverride'> => ({
  addOverride: async ({ target, members, by, ...override }) => {
    await database
      .insertInto('lightingOverride')
      .values({ ...override, target: JSON.stringify(target), members: JSON.stringify(members), orderedBy: by })
      .execute();
  },
  override: async (id) => {
    const row = await database.selectFrom('lightingOverride').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? null : overrideOf(row);
  },
  overridesInForce: async (site, at) => {
    let query = database.selectFrom('lightingOverride').selectAll().where('endsAt', '>', at).where('endedAt', 'is', null);
    if (site !== null) query = query.where('site', '=', site);
    return (await query.orderBy('endsAt').orderBy('id').execute()).map(overrideOf);
  },
  endOverride: async (id, at) => {
    const { numUpdatedRows } = await database
      .updateTable('lightingOverride')
      .set({ endedAt: at })
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .where('endsAt', '>=', at)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },
});

export const lightingRegistry = (database: Database): LightingRegistry => ({
  ...programs(database),
  ...overrides(database),
  document: async (gateway, name) => {
    const row = await database
      .selectFrom('edgeDocument')
      .select(['revision', 'contentHash', 'text'])
      .where('gateway', '=', gateway)
      .where('name', '=', name)
      .executeTakeFirst();
    return row ?? null;
  },
  saveDocument: async (gateway, name, document) => {
    await database
      .insertInto('edgeDocument')
      .values({ gateway, name, ...document })
      .onConflict((conflict) => conflict.columns(['gateway', 'name']).doUpdateSet(document))
      .execute();
  },
  gatewayState: async (gateway) => {
    const row = await database.selectFrom('gatewayState').selectAll().where('gateway', '=', gateway).executeTakeFirst();
    return row === undefined ? null : { state: row.state, since: row.since, status: JSON.parse(row.status) as Status };
  },
  saveGatewayState: async (gateway, { state, since, status }) => {
    const values = { state, since, status: JSON.stringify(status) };
    await database
      .insertInto('gatewayState')
      .values({ gateway, ...values })
      .onConflict((conflict) => conflict.column('gateway').doUpdateSet(values))
      .execute();
  },
});
