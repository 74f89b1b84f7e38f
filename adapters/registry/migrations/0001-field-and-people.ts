import type { Kysely } from 'kysely';
import type { RegistryTables } from '../tables.ts';
import { createTable as create, dropTables, optional } from './create-table.ts';
import type { RegistryMigration } from './migration.ts';

type Database = Kysely<RegistryTables>;
const createAssets = async (database: Database): Promise<void> => {
  await create(database, 'asset_stamp', { id: 'integer', revision: 'integer', imported_hash: optional('text') }, ['id']);
  await database.insertInto('assetStamp').values({ id: 1, revision: 0, importedHash: null }).execute();
  await create(database, 'site', { id: 'text', kind: 'text', name: 'text', latitude: 'real', longitude: 'real', zone: 'text' }, [
    'id',
  ]);
  await create(database, 'edge_gateway', { id: 'text', site: 'text' }, ['id']);
  await create(
    database,
    'cabinet',
    {
      id: 'text',
      site: 'text',
      gateway: 'text',
      label: 'text',
      fictitious: 'integer',
      meter_point: optional('text'),
      controller_point: optional('text'),
    },
    ['id'],
  );
  await create(database, 'circuit', { id: 'text', cabinet: 'text', label: 'text' }, ['id']);
  await create(
    database,
    'luminaire_model',
    { id: 'text', maker: 'text', model: 'text', fictitious: 'integer', standby_power_w: 'real', power_shares: 'text' },
    ['id'],
  );
  await create(
    database,
    'light_point',
    {
      id: 'text',
      site: 'text',
      circuit: 'text',
      label: 'text',
      luminaire_model: 'text',
      rated_power_w: 'real',
      gateway: 'text',
      device: 'text',
      short_address: 'integer',
      point: 'text',
    },
    ['id'],
  );
  await create(database, 'light_group', { id: 'text', site: 'text', label: 'text' }, ['id']);
  await create(database, 'light_group_member', { group_id: 'text', light_point: 'text' }, ['group_id', 'light_point']);
};

const createMeasurement = async (database: Database): Promise<void> => {
  await create(database, 'meter', { id: 'text', site: 'text', maker: 'text', model: 'text', delivery_point: optional('text') }, [
    'id',
  ]);
  await create(
    database,
    'sensor',
    { id: 'text', site: 'text', measures: 'text', label: 'text', fictitious: 'integer', point: 'text' },
    ['id'],
  );
  await create(
    database,
    'measurement_point',
    { id: 'text', site: 'text', use: 'text', privacy: 'text', dwelling: optional('text') },
    ['id'],
  );
  await create(
    database,
    'measurement_binding',
    {
      point: 'text',
      meter: optional('text'),
      gateway: 'text',
      device: 'text',
      starts_at: 'bigint',
      ends_at: optional('bigint'),
    },
    ['point', 'starts_at'],
  );
  await database.schema.createIndex('measurement_binding_gateway').on('measurement_binding').column('gateway').execute();
};

const createLighting = async (database: Database): Promise<void> => {
  await create(
    database,
    'control_program',
    { site: 'text', id: 'text', version: 'integer', published_at: 'bigint', content: 'text' },
    ['site', 'id', 'version'],
  );
  await create(database, 'program_assignment', { site: 'text', rank: 'integer', target: 'text', program: 'text' }, [
    'site',
    'rank',
  ]);
  await create(
    database,
    'lighting_override',
    {
      id: 'text',
      site: 'text',
      target: 'text',
      members: 'text',
      level_percent: 'integer',
      starts_at: 'bigint',
      ends_at: 'bigint',
      ended_at: optional('bigint'),
      ordered_by: 'text',
      reason: 'text',
    },
    ['id'],
  );
  await database.schema.createIndex('lighting_override_end').on('lighting_override').column('ends_at').execute();
  await create(
    database,
    'edge_document',
    { gateway: 'text', name: 'text', revision: 'integer', content_hash: 'text', text: 'text' },
    ['gateway', 'name'],
  );
  await create(database, 'gateway_state', { gateway: 'text', state: 'text', since: 'bigint', status: 'text' }, ['gateway']);
};

const createPeople = async (database: Database): Promise<void> => {
  await create(database, 'account', { id: 'text', kind: 'text', display_name: 'text', hats: 'text', demo: 'integer' }, ['id']);
  await create(database, 'credential', { account: 'text', login: 'text', secret_hash: 'text' }, ['account']);
  await database.schema.createIndex('credential_login').unique().on('credential').column('login').execute();
  await create(
    database,
    'session',
    {
      id: 'text',
      account: 'text',
      token_hash: 'text',
      opened_at: 'bigint',
      ends_at: 'bigint',
      revoked_at: optional('bigint'),
    },
    ['id'],
  );
  await database.schema.createIndex('session_token').unique().on('session').column('token_hash').execute();
  await create(
    database,
    'audit_entry',
    { at: 'bigint', done_by: 'text', action: 'text', object: 'text', site: optional('text'), detail: 'text' },
    'sequence',
  );
  await database.schema.createIndex('audit_entry_site').on('audit_entry').columns(['site', 'sequence']).execute();
};

const createEdgeJournal = async (database: Database): Promise<void> => {
  const key = ['order_id', 'gateway', 'device', 'phase', 'at'];
  await create(
    database,
    'edge_report',
    { gateway: 'text', order_id: 'text', device: 'text', phase: 'text', at: 'bigint', content: 'text' },
    key,
  );
  await create(database, 'edge_event', { gateway: 'text', event: 'text', device: 'text', at: 'bigint', content: 'text' }, [
    'gateway',
    'event',
    'device',
    'at',
  ]);
  await database.schema.createIndex('edge_event_newest').on('edge_event').columns(['gateway', 'at']).execute();
  await create(
    database,
    'quarantined_message',
    { received_at: 'bigint', topic: 'text', code: 'text', why: 'text', excerpt: 'text' },
    'sequence',
  );
};

const OWNERS: RegistryMigration['owners'] = {
  asset_stamp: 'control',
  site: 'control',
  edge_gateway: 'control',
  cabinet: 'control',
  circuit: 'control',
  luminaire_model: 'control',
  light_point: 'control',
  light_group: 'control',
  light_group_member: 'control',
  meter: 'control',
  sensor: 'control',
  measurement_point: 'control',
  measurement_binding: 'control',
  control_program: 'control',
  program_assignment: 'control',
  lighting_override: 'control',
  edge_document: 'control',
  gateway_state: 'control',
  account: 'control',
  credential: 'control',
  session: 'control',
  audit_entry: 'control',
  edge_report: 'ingest',
  edge_event: 'ingest',
  quarantined_message: 'ingest',
};

export const fieldAndPeople: RegistryMigration = {
  version: 1,
  name: 'field-and-people',
  owners: OWNERS,
  up: async (database) => {
    await createAssets(database);
    await createMeasurement(database);
    await createLighting(database);
    await createPeople(database);
    await createEdgeJournal(database);
  },
  down: (database) => dropTables(database, Object.keys(OWNERS)),
};
