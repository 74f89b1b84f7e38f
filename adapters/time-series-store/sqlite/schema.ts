import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { fault } from '#contract/errors.ts';
import { isQuantity, QUALITIES, QUANTITY_NAMES } from '#contract/quantities.ts';
import { LARGEST_ENTRY, putEntry, qualityCode } from './reading-content.ts';
import { dayOf, hourBit, slotOf } from './slots.ts';

export const SCHEMA_VERSION = 2;

/**
 * One row per reading. A slot of ten minutes leads its key, so that what many points say at one time goes to the same pages
 * (ADR 0017). `presence` says in which hours of UTC a point has readings, and of which the rollups must be made again;
 * `series` from which day to which day a quantity was said. `reading.point` has no foreign key: its numbers only come from
 * this file's own interning, and the check costs an insert a look-up.
 */
const TABLES = `
  CREATE TABLE point (
    id INTEGER PRIMARY KEY,
    point TEXT NOT NULL,
    privacy TEXT NOT NULL CHECK (privacy IN ('operational', 'dwelling')),
    UNIQUE (point, privacy)
  ) STRICT;
  CREATE TABLE quantity (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE reading (
    slot INTEGER NOT NULL,
    point INTEGER NOT NULL,
    at INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (slot, point, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE series (
    point INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    PRIMARY KEY (point, quantity)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE presence (
    point INTEGER NOT NULL,
    day INTEGER NOT NULL,
    hours INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    PRIMARY KEY (point, day)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX stale_presence ON presence (point, day) WHERE stale <> 0;
  CREATE TABLE rollup (
    step INTEGER NOT NULL,
    point INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    block INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (step, point, quantity, block)
  ) STRICT, WITHOUT ROWID;
`;

interface FormerRow {
  readonly id: number;
  readonly quantity: number;
  readonly at: number;
  readonly value: number | null;
  readonly quality: number;
}

const contentOf = (rows: readonly FormerRow[]): Buffer => {
  const content = Buffer.alloc(rows.length * LARGEST_ENTRY);
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let offset = 0;
  for (const { quantity, value, quality } of rows)
    offset = putEntry(view, offset, quantity, value, qualityCode(value, QUALITIES[quality] ?? 'doubtful'));
  return content.subarray(0, offset);
};

/** From one row per value to one row per reading, a day at a time. */
const gatherReadings = (database: Database.Database): void => {
  const ofDay = database.prepare<[number], FormerRow>(`
    SELECT point.id, quantity.id AS quantity, former_reading.at, former_reading.value, former_reading.quality
    FROM former_reading JOIN former_series ON former_series.id = former_reading.series
      JOIN point USING (point, privacy) JOIN quantity ON quantity.name = former_series.quantity
    WHERE former_reading.day = ? ORDER BY point.id, former_reading.at`);
  const insert = database.prepare('INSERT INTO reading VALUES (?, ?, ?, ?)');
  const note = database.prepare(`INSERT INTO presence VALUES (?1, ?2, ?3, ?3)
    ON CONFLICT DO UPDATE SET hours = hours | excluded.hours, stale = stale | excluded.stale`);
  const days = database.prepare<[], { day: number }>('SELECT DISTINCT day FROM former_reading').all();
  for (const { day } of days) {
    for (const rows of Map.groupBy(ofDay.all(day), ({ id, at }) => `${id} ${at}`).values()) {
      const [first] = rows;
      if (first === undefined) continue;
      insert.run(slotOf(first.at), first.id, first.at, contentOf(rows));
      note.run({ 1: first.id, 2: dayOf(first.at), 3: hourBit(first.at) });
    }
  }
};

const fromVersion1 = (database: Database.Database): void => {
  database.exec('ALTER TABLE reading RENAME TO former_reading; ALTER TABLE series RENAME TO former_series;');
  database.exec(TABLES);
  nameQuantities(database);
  database.exec(`
    INSERT INTO point (point, privacy) SELECT DISTINCT point, privacy FROM former_series;
    INSERT INTO series SELECT point.id, quantity.id, first_day, last_day
      FROM former_series JOIN point USING (point, privacy) JOIN quantity ON quantity.name = former_series.quantity
      WHERE first_day <= last_day;`);
  gatherReadings(database);
  database.exec('DROP TABLE former_reading; DROP TABLE former_series;');
};

/** Numbers of the quantities in this file: a later catalogue may add names, never move them. */
const nameQuantities = (database: Database.Database): void => {
  const name = database.prepare('INSERT INTO quantity (name) VALUES (?) ON CONFLICT DO NOTHING');
  for (const quantity of QUANTITY_NAMES) name.run(quantity);
};

/** Makes the tables of a new file, or those of an older one anew. Throws `DATA_FOLDER_NEWER` when a later version wrote it. */
export const prepareSchema = (database: Database.Database, file: string): void => {
  const prepare = database.transaction((): void => {
    const found = Number(database.pragma('user_version', { simple: true }));
    if (found > SCHEMA_VERSION)
      throw fault('DATA_FOLDER_NEWER', { folder: dirname(file), found: `series ${found}`, known: `series ${SCHEMA_VERSION}` });
    if (found === 0) database.exec(TABLES);
    if (found === 1) fromVersion1(database);
    nameQuantities(database);
    database.pragma(`user_version = ${SCHEMA_VERSION}`);
  });
  prepare.immediate();
};

/** Number of each quantity that this programme knows. */
export const quantityNumbers = (database: Database.Database): ReadonlyMap<string, number> => {
  const rows = database.prepare<[], { id: number; name: string }>('SELECT id, name FROM quantity').all();
  return new Map(rows.filter(({ name }) => isQuantity(name)).map(({ id, name }) => [name, id]));
};
