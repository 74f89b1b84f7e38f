import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '#adapters/logger/silent.ts';
import { MIGRATIONS } from '#adapters/registry/migrations/index.ts';
import { postgresqlEngine } from '#adapters/registry/postgresql/engine.ts';
import { openSharedRegistry, type RegistryEngine, takeRegistryBack } from '#adapters/registry/shared-registry.ts';
import { sqliteEngine } from '#adapters/registry/sqlite/open.ts';
import { type StartedPostgresql, startPostgresql } from '#test/services/start-postgresql.ts';

let server: StartedPostgresql;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-migrations-'));
  server = await startPostgresql();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const engines: Readonly<Record<string, () => Promise<() => Promise<RegistryEngine>>>> = {
  SQLite: async () => {
    const file = join(await mkdtemp(join(folder, 'registry-')), 'registry.sqlite');
    return () => sqliteEngine(file, silentLogger);
  },
  PostgreSQL: async () => {
    const url = server.url(await server.createDatabase());
    return async () => postgresqlEngine({ url, password: server.password }, silentLogger);
  },
};

const audit = { at: 1 as never, by: 'account-a', action: 'signed-in', object: 'account-a', site: null, detail: '' };

describe.each(Object.keys(engines))('the schema on %s', (name) => {
  it('goes back one version and forward again, and what the earlier version knew stays', async () => {
    const engine = await engines[name]?.();
    if (engine === undefined) throw new Error(`no engine ${name}`);
    const open = async (migrate: boolean) => openSharedRegistry(await engine(), { migrate, logger: silentLogger });
    const first = await open(true);
    await first.as('control').audit.record(audit);
    await first.close();

    await takeRegistryBack(await engine(), MIGRATIONS.length - 1, silentLogger);
    await expect(open(false)).rejects.toMatchObject({ code: 'REGISTRY_NOT_MIGRATED', fields: { found: MIGRATIONS.length - 1 } });

    const again = await open(true);
    expect(await again.as('control').audit.platformEntries(10)).toEqual([audit]);
    await again.close();
  });

  it('goes back to nothing, one version at a time, and forward again', async () => {
    const engine = await engines[name]?.();
    if (engine === undefined) throw new Error(`no engine ${name}`);
    await (await openSharedRegistry(await engine(), { migrate: true, logger: silentLogger })).close();
    for (let version = MIGRATIONS.length - 1; version >= 0; version -= 1)
      await takeRegistryBack(await engine(), version, silentLogger);
    const registry = await openSharedRegistry(await engine(), { migrate: true, logger: silentLogger });
    expect(await registry.as('control').audit.platformEntries(10)).toEqual([]);
    await registry.close();
  });
});
