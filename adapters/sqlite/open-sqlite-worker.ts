import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { type SqliteConnection, SqliteError, type SqliteResult } from './connection.ts';
import type { SqliteAnswer, SqliteRequest, SqliteThreadOptions } from './thread-messages.ts';

export interface SqliteWorkerOptions {
  /** Path of the file; its folder exists. Created when absent. */
  readonly file: string;
  readonly logger: Logger;
}

interface Waiting {
  readonly resolve: (results: SqliteResult[]) => void;
  readonly reject: (reason: Error) => void;
}

const startThread = async (file: string): Promise<Worker> => {
  const workerData: SqliteThreadOptions = { file };
  const worker = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  }).catch((thrown: unknown) => {
    throw fault('DATA_FOLDER_UNWRITABLE', { folder: dirname(file), reason: reasonOf(thrown) }, thrown);
  });
  worker.removeAllListeners('error');
  return worker;
};

/**
 * Opens a file in a worker thread: write-ahead log, synchronous FULL, foreign keys on, 5 s of patience with other writers.
 * Rejects with `DATA_FOLDER_UNWRITABLE` when the file cannot be opened.
 */
export const openSqliteWorker = async ({ file, logger }: SqliteWorkerOptions): Promise<SqliteConnection> => {
  const worker = await startThread(file);
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let gone: SqliteError | null = null;
  let closing: Promise<void> | null = null;

  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const lose = (reason: string): void => {
    gone ??= new SqliteError(reason, 'SQLITE_WORKER_GONE');
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };

  worker.on('message', (answer: SqliteAnswer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('results' in answer) asked?.resolve(answer.results);
    else asked?.reject(new SqliteError(answer.failure.message, answer.failure.code));
  });
  worker.on('error', (thrown) => {
    logger.error('sqlite-worker-failed', { file, reason: reasonOf(thrown) });
    lose(`The worker of ${file} failed: ${reasonOf(thrown)}`);
  });
  worker.on('exit', () => lose(`The worker of ${file} has ended`));

  return {
    execute(statements, mode) {
      if (closing !== null) return Promise.reject(new SqliteError(`${file} is closed`, 'SQLITE_CLOSED'));
      if (gone !== null) return Promise.reject(gone);
      return new Promise((resolve, reject) => {
        const request: SqliteRequest = { id: nextId++, statements, mode };
        waiting.set(request.id, { resolve, reject });
        try {
          worker.postMessage(request);
        } catch (thrown) {
          waiting.delete(request.id);
          reject(new SqliteError(`A parameter cannot be sent to the worker: ${reasonOf(thrown)}`, 'SQLITE_MISUSE'));
        }
      });
    },
    close() {
      closing ??= (async () => {
        if (gone === null) worker.postMessage('close');
        await ended;
      })();
      return closing;
    },
  };
};
