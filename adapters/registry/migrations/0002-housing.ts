import { createTable, dropTables, optional } from './create-table.ts';
import type { RegistryMigration } from './migration.ts';

const OWNERS: RegistryMigration['owners'] = {
  housing_stamp: 'control',
  dwelling: 'control',
  tenancy: 'control',
  consent: 'control',
  tariff_choice: 'control',
  publishable_cell: 'control',
};

export const housing: RegistryMigration = {
  version: 2,
  name: 'housing',
  owners: OWNERS,
  up: async (database) => {
    await createTable(database, 'housing_stamp', { id: 'integer', imported_hash: 'text' }, ['id']);
    await createTable(database, 'dwelling', { id: 'text', site: 'text', label: 'text', floor: 'text', point: 'text' }, ['id']);
    const period = { starts_at: 'bigint', ends_at: optional('bigint') } as const;
    await createTable(database, 'tenancy', { id: 'text', dwelling: 'text', tenant: 'text', ...period }, ['id']);
    await createTable(database, 'consent', { dwelling: 'text', display_grain: 'text', ...period }, ['dwelling', 'starts_at']);
    await createTable(database, 'tariff_choice', { subject: 'text', starts_on: 'text', tariff: 'text' }, [
      'subject',
      'starts_on',
    ]);
    await createTable(
      database,
      'publishable_cell',
      {
        site: 'text',
        date: 'text',
        state: 'text',
        reason: optional('text'),
        energy_wh: optional('real'),
        members: optional('text'),
        quality: optional('text'),
      },
      ['site', 'date'],
    );
  },
  down: (database) => dropTables(database, Object.keys(OWNERS)),
};
