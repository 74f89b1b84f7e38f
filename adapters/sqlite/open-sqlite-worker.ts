import type { Logger } from '#contract/ports/logger.ts';
import type { SqliteConnection, SqliteResult } from './connection.ts';
import { openFileThread } from './file-thread.ts';
import type { SqliteRequest, SqliteThreadOptions } from './thread-messages.ts';

export interface SqliteWorkerOptions {
  /** Path of the file; its folder exists. Created when absent. */
  readonly file: string;
  readonly logger: Logger;
}

/**
 * Opens a file in a worker thread: write-ahead log, synchronous FULL, foreign keys on, 5 s of patience with other writers.
 * Rejects with `DATA_FOLDER_UNWRITABLE` when the file cannot be opened.
 */
export const openSqliteWorker = async ({ file, logger }: SqliteWorkerOptions): Promise<SqliteConnection> => {
  const data: SqliteThreadOptions = { file };
  const thread = await openFileThread({ entry: new URL('./sqlite-thread.ts', import.meta.url), data, file, logger });
  return {
    execute: (statements, mode) => {
      const request: SqliteRequest = { statements, mode };
      return thread.call<SqliteResult[]>(request);
    },
    close: () => thread.close(),
  };
};
