import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#adapters/logger/silent.ts';
import { MIGRATIONS, TABLE_OWNERS } from '#adapters/registry/migrations/index.ts';
import { postgresqlEngine } from '#adapters/registry/postgresql/engine.ts';
import { openSharedRegistry, registryFor } from '#adapters/registry/shared-registry.ts';
import { type StartedPostgresql, startPostgresql } from '#test/services/start-postgresql.ts';
import { describeHousingRegistry } from './housing-suite.ts';
import { describeRegistry } from './registry-suite.ts';

let server: StartedPostgresql;
beforeAll(async () => {
  server = await startPostgresql();
}, 60_000);
afterAll(() => server.stop());

const open = (database: string, { role, migrate }: { role?: string; migrate: boolean }) =>
  openSharedRegistry(postgresqlEngine({ url: server.url(database, role), password: server.password }, silentLogger), {
    migrate,
    logger: silentLogger,
  });

describeRegistry('PostgreSQL', async () => {
  const opened = await open(await server.createDatabase(), { migrate: true });
  return { control: opened.as('control'), asIngest: opened.as('ingest'), close: opened.close };
});

describeHousingRegistry('PostgreSQL', async () => {
  const opened = await open(await server.createDatabase(), { migrate: true });
  return { control: opened.as('control').housing, asIngest: opened.as('ingest').housing, close: opened.close };
});

describe('the database of the registry', () => {
  let database: string;
  beforeEach(async () => {
    database = await server.createDatabase();
  });

  it('is migrated by control only: the others wait', async () => {
    const early = open(database, { migrate: false });
    await expect(early).rejects.toMatchObject({ code: 'REGISTRY_NOT_MIGRATED', fields: { found: 0, needed: MIGRATIONS.length } });
    const control = await open(database, { migrate: true });
    const ingest = registryFor('ingest', await open(database, { migrate: false }));
    await ingest.ping();
    await ingest.close();
    await control.close();
  });

  it('of a newer version is refused, untouched', async () => {
    await (await open(database, { migrate: true })).close();
    await server.query(`insert into schema_stamp (version, name) values (99, 'from-the-future')`, database);
    for (const migrate of [true, false])
      await expect(open(database, { migrate })).rejects.toMatchObject({ code: 'DATA_FOLDER_NEWER' });
  });

  it('has a writing service for each of its tables', async () => {
    await (await open(database, { migrate: true })).close();
    const tables = await server.query(
      `select table_name as name from information_schema.tables where table_schema = 'public' order by table_name collate "C"`,
      database,
    );
    expect(tables).toEqual([...TABLE_OWNERS.keys()].sort().map((name) => ({ name })));
  });

  it('says that it is unavailable while PostgreSQL is down, and answers again after its return', async () => {
    const registry = await open(database, { migrate: true });
    await server.kill();
    await expect(registry.ping()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await expect(registry.as('control').assets.replaceAssets({} as never, 'x')).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
    await server.restart();
    await registry.ping();
    await registry.close();
  });

  it('refuses to ingest’s role, in the engine itself, what is not its own', async () => {
    await server.query(`drop role if exists axone_ingest; create role axone_ingest login password '${server.password}'`);
    const control = await open(database, { migrate: true });
    const asIngest = await open(database, { role: 'axone_ingest', migrate: false });
    // the guard of our own adapter lets control's rights pass here: what refuses is PostgreSQL
    await expect(asIngest.as('control').people.removeDemoAccounts()).rejects.toThrow('permission denied');
    await expect(asIngest.as('control').people.credentialOf('a@b.fr')).rejects.toThrow('permission denied');
    await asIngest
      .as('ingest')
      .ingest.quarantine({ receivedAt: 1 as never, topic: 't', code: 'TOPIC_UNKNOWN', why: 'w', excerpt: '' });
    expect(await control.as('control').ingest.quarantined(10)).toHaveLength(1);
    expect(await asIngest.as('ingest').people.accounts()).toEqual([]);
    await asIngest.close();
    await control.close();
  });

  it('keeps 64-bit instants as numbers', async () => {
    const registry = await open(database, { migrate: true });
    const { lighting } = registry.as('control');
    const status = { state: 'offline', boot: 1, version: '0' } as const;
    await lighting.saveGatewayState('gateway-rue' as never, { state: 'offline', since: 1_795_000_000_123 as never, status });
    expect((await lighting.gatewayState('gateway-rue' as never))?.since).toBe(1_795_000_000_123);
    await registry.close();
  });
});
