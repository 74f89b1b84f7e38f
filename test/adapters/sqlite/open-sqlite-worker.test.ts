import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SqliteConnection } from '#adapters/sqlite/connection.ts';
import { openSqliteWorker } from '#adapters/sqlite/open-sqlite-worker.ts';
import { silentLogger } from '#test/services/loggers.ts';

let folder: string;
let connection: SqliteConnection;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'axone-sqlite-'));
  connection = await openSqliteWorker({ file: join(folder, 'a.sqlite'), logger: silentLogger });
  await connection.execute([{ sql: 'CREATE TABLE lamp (id INTEGER PRIMARY KEY, name TEXT UNIQUE) STRICT' }], 'atomic');
});

afterEach(async () => {
  await connection.close();
  await rm(folder, { recursive: true });
});

const names = async (): Promise<unknown[]> =>
  (await connection.execute([{ sql: 'SELECT name FROM lamp ORDER BY id' }], 'each'))[0]?.rows ?? [];

test('an atomic batch that fails at its end keeps nothing', async () => {
  const insert = 'INSERT INTO lamp (name) VALUES (?)';
  await expect(
    connection.execute(
      [
        { sql: insert, parameters: ['l01'] },
        { sql: insert, parameters: ['l01'] },
      ],
      'atomic',
    ),
  ).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
  expect(await names()).toEqual([]);
});

test('statements one after the other keep what came before the failure', async () => {
  const insert = 'INSERT INTO lamp (name) VALUES (?)';
  await expect(connection.execute([{ sql: insert, parameterRows: [['l01'], ['l02'], ['l01']] }], 'each')).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT_UNIQUE',
  });
  expect(await names()).toEqual([{ name: 'l01' }, { name: 'l02' }]);
});

test('one text with many rows of parameters sums its changes', async () => {
  const [result] = await connection.execute(
    [{ sql: 'INSERT INTO lamp (name) VALUES (?)', parameterRows: [['l01'], ['l02']] }],
    'atomic',
  );
  expect(result).toMatchObject({ changes: 2, lastInsertRowid: 2 });
});

test('the file is in write-ahead mode, fully synchronous, with foreign keys on', async () => {
  const results = await connection.execute(
    [{ sql: 'PRAGMA journal_mode' }, { sql: 'PRAGMA synchronous' }, { sql: 'PRAGMA foreign_keys' }],
    'each',
  );
  expect(results.map(({ rows }) => rows[0])).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }, { foreign_keys: 1 }]);
});

test('what was asked before closing is done, and what is asked after is refused', async () => {
  const before = connection.execute([{ sql: 'INSERT INTO lamp (name) VALUES (?)', parameters: ['l01'] }], 'atomic');
  await connection.close();
  expect(await before).toHaveLength(1);
  await expect(names()).rejects.toMatchObject({ code: 'SQLITE_CLOSED' });
});

test('a folder that does not exist is said to be unwritable', async () => {
  const opening = openSqliteWorker({ file: join(folder, 'absent', 'a.sqlite'), logger: silentLogger });
  await expect(opening).rejects.toMatchObject({ code: 'DATA_FOLDER_UNWRITABLE' });
});
