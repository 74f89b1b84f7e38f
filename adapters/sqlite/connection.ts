/** One SQL text and what is bound to its `?` (or `?1`, `?2`…) in order: once, or once for each row of `parameterRows`. */
export interface SqliteStatement {
  readonly sql: string;
  readonly parameters?: readonly unknown[];
  /** The same text run for each row; rows come back in one list, changes are summed. */
  readonly parameterRows?: readonly (readonly unknown[])[];
}

export interface SqliteResult {
  /** Objects by column name; empty for a statement that returns nothing. */
  readonly rows: unknown[];
  readonly changes: number;
  readonly lastInsertRowid: bigint | number;
}

/**
 * One SQLite file, owned by a worker thread so that a commit never delays the caller's thread. Calls are run in the order
 * they are made. Rejections are `SqliteError`s: the port that uses the file gives them their catalogue code.
 */
export interface SqliteConnection {
  /**
   * `atomic`: all statements in one immediate transaction, durable (synchronous FULL) when resolved, nothing kept when
   * rejected. `each`: one after the other, each durable by itself unless the caller opened a transaction; stops at the first failure.
   */
  execute(statements: readonly SqliteStatement[], mode: 'each' | 'atomic'): Promise<SqliteResult[]>;
  /** Runs what was asked before, then closes the file. Safe to call twice. */
  close(): Promise<void>;
}

/** What SQLite, or the loss of its worker, answered. `code` is SQLite's extended code, such as `SQLITE_CONSTRAINT_UNIQUE`. */
export class SqliteError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = 'SqliteError';
    this.code = code;
  }
}
