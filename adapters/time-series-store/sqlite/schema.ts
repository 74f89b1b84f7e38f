import { dirname } from 'node:path';
import type { SqliteConnection } from '#adapters/sqlite/connection.ts';
import { fault } from '#contract/errors.ts';

export const SCHEMA_VERSION = 1;

/**
 * One row per value. The day (of UTC, since 1970) leads the key so that what is written now stays together on the disk
 * however many series there are. A series knows its first and last day: reading one never looks at a day without it.
 * `reading.series` has no foreign key: its ids only come from this file's own interning, and the check costs an insert a look-up.
 */
const TABLES = [
  `CREATE TABLE series (
     id INTEGER PRIMARY KEY,
     point TEXT NOT NULL,
     privacy TEXT NOT NULL CHECK (privacy IN ('operational', 'dwelling')),
     quantity TEXT NOT NULL,
     first_day INTEGER NOT NULL,
     last_day INTEGER NOT NULL,
     UNIQUE (point, privacy, quantity)
   ) STRICT`,
  `CREATE TABLE reading (
     day INTEGER NOT NULL,
     series INTEGER NOT NULL,
     at INTEGER NOT NULL,
     value REAL,
     quality INTEGER NOT NULL,
     PRIMARY KEY (day, series, at)
   ) STRICT, WITHOUT ROWID`,
  `PRAGMA user_version = ${SCHEMA_VERSION}`,
];

/** Of this connection only: what the last write replaced by something else. */
const CONFLICT_NOTES = [
  'PRAGMA secure_delete = ON',
  'CREATE TEMP TABLE conflict (series INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID',
  `CREATE TEMP TRIGGER note_conflict AFTER UPDATE ON main.reading
   BEGIN INSERT OR IGNORE INTO conflict VALUES (new.series, new.at); END`,
];

/** Makes the tables of a new file. Rejects with `DATA_FOLDER_NEWER` when the file comes from a later version. */
export const prepareSchema = async (connection: SqliteConnection, file: string): Promise<void> => {
  const [answer] = await connection.execute([{ sql: 'PRAGMA user_version' }], 'each');
  const found = (answer?.rows[0] as { user_version: number } | undefined)?.user_version ?? 0;
  if (found > SCHEMA_VERSION)
    throw fault('DATA_FOLDER_NEWER', { folder: dirname(file), found: `series ${found}`, known: `series ${SCHEMA_VERSION}` });
  if (found === 0)
    await connection.execute(
      TABLES.map((sql) => ({ sql })),
      'atomic',
    );
  await connection.execute(
    CONFLICT_NOTES.map((sql) => ({ sql })),
    'each',
  );
};
