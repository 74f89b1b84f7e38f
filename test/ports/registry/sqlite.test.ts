import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#adapters/logger/silent.ts';
import { MIGRATIONS, TABLE_OWNERS } from '#adapters/registry/migrations/index.ts';
import { registryFor } from '#adapters/registry/shared-registry.ts';
import { openRegistryFile } from '#adapters/registry/sqlite/open.ts';
import { writerGuard } from '#adapters/registry/writer-guard.ts';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import { describeRegistry } from './registry-suite.ts';

const openRegistry = async ({
  service,
  ...options
}: Parameters<typeof openRegistryFile>[0] & { service: 'control' | 'ingest' }) =>
  registryFor(service, await openRegistryFile(options));
const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'axone-registry-'));

describeRegistry('SQLite', async () => {
  const folder = await newFolder();
  const opened = await openRegistryFile({ file: join(folder, 'registry.sqlite'), migrate: true, logger: silentLogger });
  return {
    control: opened.as('control'),
    asIngest: opened.as('ingest'),
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the file of the registry', () => {
  let file: string;
  let folder: string;
  beforeEach(async () => {
    folder = await newFolder();
    file = join(folder, 'registry.sqlite');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is migrated by control only: the others wait', async () => {
    const early = openRegistry({ file, service: 'ingest', migrate: false, logger: silentLogger });
    await expect(early).rejects.toMatchObject({ code: 'REGISTRY_NOT_MIGRATED', fields: { found: 0, needed: MIGRATIONS.length } });
    const control = await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger });
    const ingest = await openRegistry({ file, service: 'ingest', migrate: false, logger: silentLogger });
    await ingest.ping();
    await ingest.close();
    await control.close();
  });

  it('is opened again as it was left', async () => {
    const first = await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger });
    await first.lighting.saveDocument('gateway-rue' as never, 'programs', { revision: 7, contentHash: 'a', text: '{}' });
    await first.close();
    const second = await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger });
    expect(await second.lighting.document('gateway-rue' as never, 'programs')).toMatchObject({ revision: 7 });
    await second.close();
  });

  it('of a newer version is refused, untouched', async () => {
    await (await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger })).close();
    const sqlite = await openSqliteWorker({ file, logger: silentLogger });
    await sqlite.execute([{ sql: `insert into schema_stamp (version, name) values (99, 'from-the-future')` }], 'each');
    await sqlite.close();
    for (const migrate of [true, false])
      await expect(openRegistry({ file, service: 'control', migrate, logger: silentLogger })).rejects.toMatchObject({
        code: 'DATA_FOLDER_NEWER',
      });
  });

  it('that no longer answers is said to be unavailable', async () => {
    const registry = await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger });
    const sqlite = await openSqliteWorker({ file, logger: silentLogger });
    await sqlite.execute([{ sql: 'drop table gateway_state' }], 'each');
    await sqlite.close();
    await expect(registry.lighting.gatewayState('gateway-rue' as never)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await registry.close();
  });

  it('has a writing service for each of its tables', async () => {
    await (await openRegistry({ file, service: 'control', migrate: true, logger: silentLogger })).close();
    const sqlite = await openSqliteWorker({ file, logger: silentLogger });
    const [found] = await sqlite.execute(
      [{ sql: `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name` }],
      'each',
    );
    await sqlite.close();
    expect(found?.rows).toEqual([...TABLE_OWNERS.keys()].sort().map((name) => ({ name })));
  });
});

describe.each([...TABLE_OWNERS])('table %s', (table, owner) => {
  const databaseOf = (service: 'control' | 'ingest' | 'dashboards') =>
    new Kysely<Record<string, { some: string }>>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (database) => new SqliteIntrospector(database),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
      plugins: [writerGuard(service)],
    });

  it(`is written by ${owner} alone`, () => {
    for (const service of ['control', 'ingest', 'dashboards'] as const) {
      const database = databaseOf(service);
      for (const write of [
        () => database.insertInto(table).values({ some: 'value' }).compile(),
        () => database.updateTable(table).set({ some: 'value' }).compile(),
        () => database.deleteFrom(table).compile(),
      ])
        if (service === owner) expect(write).not.toThrow();
        else expect(write).toThrow('TABLE_OF_ANOTHER_SERVICE');
      expect(() => database.selectFrom(table).selectAll().compile()).not.toThrow();
    }
  });
});
