import { fieldAndPeople } from './0001-field-and-people.ts';
import { housing } from './0002-housing.ts';
import { commissioning } from './0003-commissioning.ts';
import type { RegistryMigration, RegistryService } from './migration.ts';

/** In order. A released one is never changed: the next one corrects it. */
export const MIGRATIONS: readonly RegistryMigration[] = [fieldAndPeople, housing, commissioning];

/** The one writing service of every table, by its name in the database. `schema_stamp` belongs to whoever migrates: control. */
export const TABLE_OWNERS: ReadonlyMap<string, RegistryService> = new Map([
  ['schema_stamp', 'control'],
  ...MIGRATIONS.flatMap(({ owners }) => Object.entries(owners)),
]);
