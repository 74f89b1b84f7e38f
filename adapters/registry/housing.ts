import type { Kysely } from 'kysely';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { PublishableCell } from '#domain/housing/aggregation-rule.ts';
import { displayPeriods } from '#domain/housing/consent.ts';
import type { DwellingId } from '#domain/identifiers.ts';
import { raiseAssetsRevision } from './assets.ts';
import type { PublishableCellRow, RegistryTables } from './tables.ts';

type Database = Kysely<RegistryTables>;

const cellOf = (row: PublishableCellRow): PublishableCell => {
  const { date, state, reason, energyWh, members, quality } = row;
  return state === 'published' && energyWh !== null && members !== null && quality !== null
    ? { state, date, energyWh, members: JSON.parse(members) as DwellingId[], quality }
    : { state: 'masked', date, reason: reason ?? 'not-yet' };
};

const rowOf = (cell: PublishableCell): Omit<PublishableCellRow, 'site' | 'date'> =>
  cell.state === 'published'
    ? { state: cell.state, reason: null, energyWh: cell.energyWh, members: JSON.stringify(cell.members), quality: cell.quality }
    : { state: cell.state, reason: cell.reason, energyWh: null, members: null, quality: null };

const readTenancies = async (database: Database, dwellings: readonly DwellingId[]) => {
  if (dwellings.length === 0) return [];
  const rows = await database.selectFrom('tenancy').selectAll().where('dwelling', 'in', dwellings).orderBy('startsAt').execute();
  return rows.map(({ startsAt, endsAt, ...tenancy }) => ({ ...tenancy, from: startsAt, to: endsAt }));
};

const readConsents = async (database: Database, dwellings: readonly DwellingId[]) => {
  if (dwellings.length === 0) return [];
  const rows = await database.selectFrom('consent').selectAll().where('dwelling', 'in', dwellings).orderBy('startsAt').execute();
  return rows.map(({ startsAt, endsAt, ...consent }) => ({ ...consent, from: startsAt, to: endsAt }));
};

const replaceAll = async (database: Database, housing: Parameters<HousingRegistry['replaceHousing']>[0]): Promise<void> => {
  for (const table of ['dwelling', 'tenancy', 'consent', 'tariffChoice'] as const) await database.deleteFrom(table).execute();
  for (const dwelling of housing.dwellings) await database.insertInto('dwelling').values(dwelling).execute();
  for (const { from, to, ...tenancy } of housing.tenancies)
    await database
      .insertInto('tenancy')
      .values({ ...tenancy, startsAt: from, endsAt: to })
      .execute();
  for (const { from, to, ...consent } of housing.consents)
    await database
      .insertInto('consent')
      .values({ ...consent, startsAt: from, endsAt: to })
      .execute();
  for (const { from, ...choice } of housing.tariffChoices)
    await database
      .insertInto('tariffChoice')
      .values({ ...choice, startsOn: from })
      .execute();
};

export const housingRegistry = (database: Database): HousingRegistry => {
  const dwellingsOfGateway: HousingRegistry['dwellingsOfGateway'] = (gateway) =>
    database
      .selectFrom('dwelling')
      .selectAll()
      .where('point', 'in', (bound) => bound.selectFrom('measurementBinding').select('point').where('gateway', '=', gateway))
      .orderBy('id')
      .execute();

  return {
    dwelling: async (id) => (await database.selectFrom('dwelling').selectAll().where('id', '=', id).executeTakeFirst()) ?? null,
    dwellingsOf: (site) => database.selectFrom('dwelling').selectAll().where('site', '=', site).orderBy('id').execute(),
    dwellingAt: async (point) =>
      (await database.selectFrom('dwelling').selectAll().where('point', '=', point).executeTakeFirst()) ?? null,
    dwellingsOfGateway,
    tenanciesOf: (dwellings) => readTenancies(database, dwellings),
    consentsOf: (dwellings) => readConsents(database, dwellings),
    grainsOf: async (gateway) => {
      const dwellings = await dwellingsOfGateway(gateway);
      const ids = dwellings.map(({ id }) => id);
      const periods = displayPeriods(await readConsents(database, ids), await readTenancies(database, ids));
      return periods.flatMap(({ dwelling, grain, from, to }) => {
        const point = dwellings.find(({ id }) => id === dwelling)?.point;
        return point === undefined ? [] : [{ point, grain, from, to }];
      });
    },
    tariffChoicesOf: async (subject) => {
      const rows = await database
        .selectFrom('tariffChoice')
        .selectAll()
        .where('subject', '=', subject)
        .orderBy('startsOn')
        .execute();
      return rows.map(({ startsOn, ...choice }) => ({ ...choice, from: startsOn }));
    },
    importedHousingHash: async () =>
      (await database.selectFrom('housingStamp').select('importedHash').executeTakeFirst())?.importedHash ?? null,
    replaceHousing: (housing, hash) =>
      database.transaction().execute(async (transaction) => {
        await replaceAll(transaction, housing);
        await transaction.deleteFrom('housingStamp').execute();
        await transaction.insertInto('housingStamp').values({ id: 1, importedHash: hash }).execute();
        await raiseAssetsRevision(transaction);
      }),
    cells: async (site, from, to) => {
      const rows = await database
        .selectFrom('publishableCell')
        .selectAll()
        .where('site', '=', site)
        .where('date', '>=', from)
        .where('date', '<=', to)
        .orderBy('date')
        .execute();
      return rows.map(cellOf);
    },
    saveCell: async (site, cell) => {
      await database
        .insertInto('publishableCell')
        .values({ site, date: cell.date, ...rowOf(cell) })
        .onConflict((conflict) => conflict.columns(['site', 'date']).doUpdateSet(rowOf(cell)))
        .execute();
    },
  };
};
