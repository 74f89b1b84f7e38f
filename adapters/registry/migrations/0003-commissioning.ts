import { createTable, dropTables, optional } from './create-table.ts';
import type { RegistryMigration } from './migration.ts';

const OWNERS: RegistryMigration['owners'] = {
  planned_light_point: 'control',
  field_device: 'control',
  commissioning_act: 'control',
};

export const commissioning: RegistryMigration = {
  version: 3,
  name: 'commissioning',
  owners: OWNERS,
  up: async (database) => {
    await createTable(
      database,
      'planned_light_point',
      { id: 'text', site: 'text', circuit: 'text', label: 'text', luminaire_model: 'text', rated_power_w: 'real', point: 'text' },
      ['id'],
    );
    await createTable(
      database,
      'field_device',
      { gateway: 'text', bus: 'text', device: 'text', profile: 'text', unit_id: 'integer', channel: optional('integer') },
      ['gateway', 'device'],
    );
    await createTable(database, 'commissioning_act', { done_at: 'bigint', content: 'text' }, 'sequence');
  },
  down: (database) => dropTables(database, Object.keys(OWNERS)),
};
