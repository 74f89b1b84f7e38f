/** Entry of the worker thread: owns the file, answers requests in order. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import type { SqliteResult, SqliteStatement } from './connection.ts';
import { CLOSE, type ThreadAnswer } from './file-thread.ts';
import type { SqliteRequest, SqliteThreadOptions } from './thread-messages.ts';

const BUSY_TIMEOUT_MS = 5_000;
const CACHE_KIB = 64 * 1024;
const STATEMENTS_KEPT = 300;

const options = workerData as SqliteThreadOptions;
const port = parentPort;
if (port === null) throw new Error('sqlite-thread.ts is the entry of a worker thread');

const open = (): Database.Database => {
  const opened = new Database(options.file, { timeout: BUSY_TIMEOUT_MS });
  opened.pragma('journal_mode = WAL');
  opened.pragma('synchronous = FULL');
  opened.pragma('foreign_keys = ON');
  opened.pragma('temp_store = MEMORY');
  opened.pragma(`cache_size = -${CACHE_KIB}`);
  return opened;
};

const database = open();
const prepared = new Map<string, Database.Statement>();

const prepare = (sql: string): Database.Statement => {
  const kept = prepared.get(sql);
  if (kept !== undefined) return kept;
  const statement = database.prepare(sql);
  if (prepared.size >= STATEMENTS_KEPT) {
    const [oldest] = prepared.keys();
    if (oldest !== undefined) prepared.delete(oldest);
  }
  prepared.set(sql, statement);
  return statement;
};

const NUMBERED = /\?[1-9]/;
/** better-sqlite3 takes `?1` for a name. */
const byNumber = (row: readonly unknown[]): readonly unknown[] => [
  Object.fromEntries(row.map((value, index) => [index + 1, value])),
];

const runStatement = ({ sql, parameters, parameterRows }: SqliteStatement): SqliteResult => {
  const statement = prepare(sql);
  const isNumbered = NUMBERED.test(sql);
  const rows: unknown[] = [];
  let changes = 0;
  let lastInsertRowid: bigint | number = 0;
  for (const values of parameterRows ?? [parameters ?? []]) {
    const row = isNumbered ? byNumber(values) : values;
    if (statement.reader) {
      for (const found of statement.all(...row)) rows.push(found);
    } else {
      const outcome = statement.run(...row);
      changes += outcome.changes;
      lastInsertRowid = outcome.lastInsertRowid;
    }
  }
  return { rows, changes, lastInsertRowid };
};

const runAll = (statements: readonly SqliteStatement[]): SqliteResult[] => statements.map(runStatement);
const runAtomic = database.transaction(runAll);

const answer = ({ id, mode, statements }: SqliteRequest & { readonly id: number }): ThreadAnswer<SqliteResult[]> => {
  try {
    return { id, result: mode === 'atomic' ? runAtomic.immediate(statements) : runAll(statements) };
  } catch (thrown) {
    const code = thrown instanceof Database.SqliteError ? thrown.code : 'SQLITE_MISUSE';
    return { id, failure: { code, message: thrown instanceof Error ? thrown.message : String(thrown) } };
  }
};

port.on('message', (request: (SqliteRequest & { readonly id: number }) | typeof CLOSE) => {
  if (request !== CLOSE) {
    port.postMessage(answer(request));
    return;
  }
  database.close();
  port.close();
});
port.postMessage('opened');
