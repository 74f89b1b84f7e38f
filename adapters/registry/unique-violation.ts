import pg from 'pg';
import { SqliteError } from '#adapters/sqlite/connection.ts';

const SQLITE_CODES = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'];
/** SQLSTATE `unique_violation`. */
const POSTGRESQL_CODE = '23505';

/** Whether an engine refused a row because another one has its key. */
export const isUniqueViolation = (thrown: unknown): boolean =>
  (thrown instanceof SqliteError && SQLITE_CODES.includes(thrown.code)) ||
  (thrown instanceof pg.DatabaseError && thrown.code === POSTGRESQL_CODE);
