import type { Kysely, Transaction } from 'kysely';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { CommissioningAct } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { raiseAssetsRevision } from './assets.ts';
import { bindingRows } from './binding-rows.ts';
import type { RegistryTables } from './tables.ts';

const replaceSite = async (transaction: Transaction<RegistryTables>, assets: FieldAssets): Promise<void> => {
  const sites = assets.sites.map(({ id }) => id);
  const points = assets.points.map(({ id }) => id);
  for (const table of ['lightPoint', 'plannedLightPoint', 'meter'] as const)
    await transaction.deleteFrom(table).where('site', 'in', sites).execute();
  if (points.length > 0) await transaction.deleteFrom('measurementBinding').where('point', 'in', points).execute();
  const { lightPoints, plannedLightPoints, meters, bindings } = assets;
  if (lightPoints.length > 0) await transaction.insertInto('lightPoint').values(lightPoints).execute();
  if (plannedLightPoints.length > 0) await transaction.insertInto('plannedLightPoint').values(plannedLightPoints).execute();
  if (meters.length > 0) await transaction.insertInto('meter').values(meters).execute();
  if (bindings.length > 0) await transaction.insertInto('measurementBinding').values(bindingRows(bindings)).execute();
};

export const commissioningRegistry = (database: Kysely<RegistryTables>): CommissioningRegistry => ({
  devicesOf: (gateway) =>
    database
      .selectFrom('fieldDevice')
      .selectAll()
      .where('gateway', '=', gateway)
      .orderBy('bus')
      .orderBy('unitId')
      .orderBy('channel')
      .execute(),
  declare: async (devices) => {
    if (devices.length > 0) await database.insertInto('fieldDevice').values(devices).execute();
  },
  withdraw: async (gateway, device) => {
    await database.deleteFrom('fieldDevice').where('gateway', '=', gateway).where('device', '=', device).execute();
  },
  acts: async () => {
    const rows = await database.selectFrom('commissioningAct').select('content').orderBy('sequence').execute();
    return rows.map(({ content }) => JSON.parse(content) as CommissioningAct);
  },
  commission: (act, site) =>
    database.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('commissioningAct')
        .values({ doneAt: act.at, content: JSON.stringify(act) })
        .execute();
      await replaceSite(transaction, site);
      await raiseAssetsRevision(transaction);
    }),
});
