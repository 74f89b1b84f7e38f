import type { Insertable, Kysely, Transaction } from 'kysely';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { LightGroup, LuminaireModel } from '#domain/assets/light-point.ts';
import type { Site } from '#domain/assets/site.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { bindingRows } from './binding-rows.ts';
import type { RegistryTables } from './tables.ts';

type Database = Kysely<RegistryTables>;

const ROWS_AN_INSERT = 1000;
const ASSET_TABLES = [
  'site',
  'edgeGateway',
  'cabinet',
  'circuit',
  'luminaireModel',
  'lightPoint',
  'plannedLightPoint',
  'lightGroup',
  'lightGroupMember',
  'meter',
  'sensor',
  'measurementPoint',
  'measurementBinding',
] as const;
type AssetTable = (typeof ASSET_TABLES)[number];

const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

const rowsOf = (assets: FieldAssets): { readonly [T in AssetTable]: readonly Insertable<RegistryTables[T]>[] } => ({
  site: assets.sites.map(({ position, ...site }) => ({ ...site, ...position })),
  edgeGateway: assets.gateways,
  cabinet: assets.cabinets.map((cabinet) => ({ ...cabinet, fictitious: flag(cabinet.fictitious) })),
  circuit: assets.circuits,
  luminaireModel: assets.luminaireModels.map((model) => ({
    ...model,
    fictitious: flag(model.fictitious),
    powerShares: JSON.stringify(model.powerShares),
  })),
  lightPoint: assets.lightPoints,
  plannedLightPoint: assets.plannedLightPoints,
  lightGroup: assets.groups.map(({ id, site, label }) => ({ id, site, label })),
  lightGroupMember: assets.groups.flatMap(({ id, members }) => members.map((lightPoint) => ({ groupId: id, lightPoint }))),
  meter: assets.meters,
  sensor: assets.sensors.map((sensor) => ({ ...sensor, fictitious: flag(sensor.fictitious) })),
  measurementPoint: assets.points,
  measurementBinding: bindingRows(assets.bindings),
});

const replaceTable = async (
  transaction: Transaction<RegistryTables>,
  table: AssetTable,
  rows: readonly Insertable<RegistryTables[AssetTable]>[],
): Promise<void> => {
  await transaction.deleteFrom(table).execute();
  for (let start = 0; start < rows.length; start += ROWS_AN_INSERT)
    await transaction
      .insertInto(table)
      .values(rows.slice(start, start + ROWS_AN_INSERT))
      .execute();
};

const siteOf = ({ latitude, longitude, ...site }: RegistryTables['site']): Site => ({
  ...site,
  position: { latitude, longitude },
});

const readGroups = async (database: Database, site: SiteId): Promise<readonly LightGroup[]> => {
  const groups = await database.selectFrom('lightGroup').selectAll().where('site', '=', site).orderBy('id').execute();
  const members = await database
    .selectFrom('lightGroupMember')
    .innerJoin('lightGroup', 'lightGroup.id', 'lightGroupMember.groupId')
    .where('lightGroup.site', '=', site)
    .select(['lightGroupMember.groupId', 'lightGroupMember.lightPoint'])
    .orderBy('lightGroupMember.lightPoint')
    .execute();
  return groups.map((group) => ({
    ...group,
    members: members.filter(({ groupId }) => groupId === group.id).map(({ lightPoint }) => lightPoint),
  }));
};

const readModels = async (database: Database, ids: readonly string[]): Promise<readonly LuminaireModel[]> => {
  if (ids.length === 0) return [];
  const rows = await database.selectFrom('luminaireModel').selectAll().where('id', 'in', ids).orderBy('id').execute();
  return rows.map((row) => ({
    ...row,
    fictitious: row.fictitious === 1,
    powerShares: JSON.parse(row.powerShares) as LuminaireModel['powerShares'],
  }));
};

const readBindings = async (database: Database, site: SiteId): Promise<FieldAssets['bindings']> => {
  const rows = await database
    .selectFrom('measurementBinding')
    .innerJoin('measurementPoint', 'measurementPoint.id', 'measurementBinding.point')
    .where('measurementPoint.site', '=', site)
    .selectAll('measurementBinding')
    .orderBy('measurementBinding.point')
    .orderBy('measurementBinding.startsAt')
    .execute();
  return rows.map(({ startsAt, endsAt, ...binding }) => ({ ...binding, from: startsAt, to: endsAt }));
};

const readSiteAssets = async (database: Database, id: SiteId): Promise<FieldAssets | null> => {
  const site = await database.selectFrom('site').selectAll().where('id', '=', id).executeTakeFirst();
  if (site === undefined) return null;
  const cabinets = await database.selectFrom('cabinet').selectAll().where('site', '=', id).orderBy('id').execute();
  const lightPoints = await database.selectFrom('lightPoint').selectAll().where('site', '=', id).orderBy('label').execute();
  const planned = await database.selectFrom('plannedLightPoint').selectAll().where('site', '=', id).orderBy('label').execute();
  const sensors = await database.selectFrom('sensor').selectAll().where('site', '=', id).orderBy('id').execute();
  return {
    sites: [siteOf(site)],
    gateways: await database.selectFrom('edgeGateway').selectAll().where('site', '=', id).orderBy('id').execute(),
    cabinets: cabinets.map((cabinet) => ({ ...cabinet, fictitious: cabinet.fictitious === 1 })),
    circuits: await database
      .selectFrom('circuit')
      .innerJoin('cabinet', 'cabinet.id', 'circuit.cabinet')
      .where('cabinet.site', '=', id)
      .selectAll('circuit')
      .orderBy('circuit.id')
      .execute(),
    luminaireModels: await readModels(database, [
      ...new Set([...lightPoints, ...planned].map(({ luminaireModel }) => luminaireModel)),
    ]),
    lightPoints,
    plannedLightPoints: planned,
    groups: await readGroups(database, id),
    meters: await database.selectFrom('meter').selectAll().where('site', '=', id).orderBy('id').execute(),
    sensors: sensors.map((sensor) => ({ ...sensor, fictitious: sensor.fictitious === 1 })),
    points: await database.selectFrom('measurementPoint').selectAll().where('site', '=', id).orderBy('id').execute(),
    bindings: await readBindings(database, id),
  };
};

const readStamp = (database: Database) => database.selectFrom('assetStamp').selectAll().executeTakeFirstOrThrow();

/** Called by whoever changes what `AssetsRegistry.revision` covers, in the same transaction. */
export const raiseAssetsRevision = async (database: Database): Promise<void> => {
  await database
    .updateTable('assetStamp')
    .set((expression) => ({ revision: expression('revision', '+', 1) }))
    .execute();
};

export const assetsRegistry = (database: Database): AssetsRegistry => ({
  sites: async () => (await database.selectFrom('site').selectAll().orderBy('id').execute()).map(siteOf),
  gateways: () => database.selectFrom('edgeGateway').selectAll().orderBy('id').execute(),
  siteAssets: (site) => readSiteAssets(database, site),
  measurementPoint: async (point) =>
    (await database.selectFrom('measurementPoint').selectAll().where('id', '=', point).executeTakeFirst()) ?? null,
  revision: async () => (await readStamp(database)).revision,
  importedHash: async () => (await readStamp(database)).importedHash,
  replaceAssets: (assets, hash) =>
    database.transaction().execute(async (transaction) => {
      const rows = rowsOf(assets);
      for (const table of ASSET_TABLES) await replaceTable(transaction, table, rows[table]);
      await transaction.updateTable('assetStamp').set({ importedHash: hash }).execute();
      await raiseAssetsRevision(transaction);
    }),
});
