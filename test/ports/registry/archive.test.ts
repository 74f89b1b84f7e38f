import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#adapters/logger/silent.ts';
import { archiveRegistry, restoreRegistry } from '#adapters/registry/archive.ts';
import { MIGRATIONS } from '#adapters/registry/migrations/index.ts';
import { postgresqlEngine } from '#adapters/registry/postgresql/engine.ts';
import { openSharedRegistry, type RegistryEngine } from '#adapters/registry/shared-registry.ts';
import { sqliteEngine } from '#adapters/registry/sqlite/open.ts';
import { instant } from '#domain/civil-time.ts';
import { accountId, gatewayId, siteId } from '#domain/identifiers.ts';
import { type StartedPostgresql, startPostgresql } from '#test/services/start-postgresql.ts';

let server: StartedPostgresql;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-archives-'));
  server = await startPostgresql();
}, 60_000);
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

type NewEngine = () => Promise<() => Promise<RegistryEngine>>;
const newSqlite: NewEngine = async () => {
  const file = join(await mkdtemp(join(folder, 'registry-')), 'registry.sqlite');
  return () => sqliteEngine(file, silentLogger);
};
const newPostgresql: NewEngine = async () => {
  const url = server.url(await server.createDatabase());
  return () => Promise.resolve(postgresqlEngine({ url, password: server.password }, silentLogger));
};
const ENGINES: Readonly<Record<string, NewEngine>> = { SQLite: newSqlite, PostgreSQL: newPostgresql };

const open = async (engine: RegistryEngine) => openSharedRegistry(engine, { migrate: true, logger: silentLogger });
const entry = (object: string) => ({
  at: instant(1_795_000_000_123),
  by: 'account-a',
  action: 'signed-in',
  object,
  site: null,
  detail: '',
});

const fill = async (engine: RegistryEngine): Promise<void> => {
  const registry = await open(engine);
  const { people, audit, lighting } = registry.as('control');
  await people.addAccount(
    { id: accountId('account-a'), kind: 'staff', displayName: 'Zoé d’Aubenton', hats: [], demo: false },
    { account: accountId('account-a'), login: 'a@b.fr', secretHash: '$argon2id$x' },
  );
  for (let number = 1; number <= 703; number += 1) await audit.record(entry(`object-${number}`));
  await lighting.saveDocument(gatewayId('gateway-rue'), 'programs', { revision: 7, contentHash: 'a', text: '{"é":1}' });
  await registry.as('ingest').ingest.saveEvents(gatewayId('gateway-rue'), [{ event: 'lamp-failed', at: '2026-11-24T21:00:00Z' }]);
  await registry.close();
};

const archiveOf = async (engine: RegistryEngine): Promise<string[]> => {
  const lines: string[] = [];
  await archiveRegistry(engine, async (line) => void lines.push(line));
  return lines;
};
const restore = async (engine: RegistryEngine, lines: readonly string[]): Promise<number> => {
  const read = async function* () {
    yield* lines;
  };
  return restoreRegistry(engine, read(), silentLogger);
};

/** What the programme before the last step of the schema would have written. */
const ofEarlierVersion = (lines: readonly string[]): string[] => {
  const schema = MIGRATIONS.length - 1;
  const unknown = Object.keys(MIGRATIONS[schema]?.owners ?? {});
  const rows = lines.slice(1, -1).filter((line) => !unknown.some((table) => line.startsWith(`{"table":"${table}"`)));
  const written = [JSON.stringify({ axone: 'registry', format: 1, schema }), ...rows];
  const sha256 = createHash('sha256').update(written.join('')).digest('hex');
  return [...written, JSON.stringify({ parts: rows.length, sha256 })];
};

describe.each(Object.keys(ENGINES))('an archive of a registry in %s', (from) => {
  let lines: string[];
  beforeAll(async () => {
    const engine = await ENGINES[from]?.();
    if (engine === undefined) throw new Error(`no engine ${from}`);
    await fill(await engine());
    lines = await archiveOf(await engine());
  }, 60_000);

  it.each(Object.keys(ENGINES))('is restored in %s, row for row, and goes on from there', async (to) => {
    const engine = await ENGINES[to]?.();
    if (engine === undefined) throw new Error(`no engine ${to}`);
    expect(await restore(await engine(), lines)).toBeGreaterThan(705);
    expect(await archiveOf(await engine())).toEqual(lines);

    const registry = await open(await engine());
    const control = registry.as('control');
    expect(await control.people.credentialOf('a@b.fr')).toMatchObject({ secretHash: '$argon2id$x' });
    expect(await control.lighting.document(gatewayId('gateway-rue'), 'programs')).toMatchObject({ text: '{"é":1}' });
    await control.audit.record(entry('after'));
    expect((await control.audit.platformEntries(2)).map(({ object }) => object)).toEqual(['after', 'object-703']);
    await registry.close();
  });
});

describe('an archive', () => {
  let lines: string[];
  beforeAll(async () => {
    const engine = await newSqlite();
    await fill(await engine());
    lines = await archiveOf(await engine());
  });
  let target: () => Promise<RegistryEngine>;
  beforeEach(async () => {
    target = await newSqlite();
  });

  it.each<[string, (lines: readonly string[]) => readonly string[]]>([
    ['that ends too early', (all) => all.slice(0, -1)],
    ['of which a line was lost', (all) => all.toSpliced(2, 1)],
    ['in which a row was changed', (all) => all.map((line) => line.replace('object-7"', 'object-8"'))],
    ['that is something else', () => ['{"hello":1}']],
    ['of a table that nobody knows', (all) => all.toSpliced(1, 0, '{"table":"nobody","rows":[{}]}')],
    ['of series', (all) => all.with(0, '{"axone":"series","format":1,"schema":1}')],
  ])('%s is refused with its line, and nothing of it is kept', async (_what, change) => {
    await expect(restore(await target(), change(lines))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    expect(await restore(await target(), lines)).toBeGreaterThan(705);
  });

  it('is refused where there is already a registry, which stays as it was', async () => {
    const registry = await open(await target());
    await registry.as('control').audit.record({ ...entry('mine'), site: siteId('site-rue') });
    await registry.close();
    await expect(restore(await target(), lines)).rejects.toMatchObject({ code: 'REGISTRY_NOT_EMPTY' });
    const again = await open(await target());
    expect(await again.as('control').audit.entriesOf(siteId('site-rue'), 5)).toHaveLength(1);
    await again.close();
  });

  it('of an earlier version is restored, then brought to this one', async () => {
    await restore(await target(), ofEarlierVersion(lines));
    const registry = await open(await target());
    expect(await registry.as('control').audit.platformEntries(1)).toMatchObject([{ object: 'object-703' }]);
    await registry.close();
  });

  it('of a later version is refused', async () => {
    const later = [JSON.stringify({ axone: 'registry', format: 1, schema: 99 }), ...lines.slice(1)];
    await expect(restore(await target(), later)).rejects.toMatchObject({ code: 'DATA_FOLDER_NEWER' });
  });
});
