import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { SqliteError } from './connection.ts';

/** What a thread says to a request, by its number. */
export type ThreadAnswer<R> =
  | { readonly id: number; readonly result: R }
  | { readonly id: number; readonly failure: { readonly code: string; readonly message: string } };

/** The last that a thread is told: it closes its file and ends. */
export const CLOSE = 'close';

export interface FileThreadOptions {
  /** Module of the thread: it says one message when it has opened the file, then answers in the order it is asked. */
  readonly entry: URL;
  readonly data: unknown;
  readonly file: string;
  readonly logger: Logger;
}

/** A thread that owns one file, so that a commit never delays the caller's thread. */
export interface FileThread {
  /** Its first message. */
  readonly opened: unknown;
  /** `given` is moved to the thread, not copied. Rejects with `SqliteError`. */
  call<R>(request: object, given?: readonly ArrayBuffer[]): Promise<R>;
  /** Runs what was asked before, then closes the file. Safe to call twice. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

const startThread = async ({ entry, data, file }: FileThreadOptions) => {
  const worker = new Worker(entry, { workerData: data });
  const opened = await new Promise<unknown>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  }).catch((thrown: unknown) => {
    throw fault('DATA_FOLDER_UNWRITABLE', { folder: dirname(file), reason: reasonOf(thrown) }, thrown);
  });
  worker.removeAllListeners('error');
  return { worker, opened };
};

/** Rejects with `DATA_FOLDER_UNWRITABLE` when the thread fails before its first message. */
export const openFileThread = async (options: FileThreadOptions): Promise<FileThread> => {
  const { file, logger } = options;
  const { worker, opened } = await startThread(options);
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
  worker.on('message', (answer: ThreadAnswer<unknown>) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('failure' in answer) asked?.reject(new SqliteError(answer.failure.message, answer.failure.code));
    else asked?.resolve(answer.result);
  });
  worker.on('error', (thrown) => {
    logger.error('sqlite-worker-failed', { file, reason: reasonOf(thrown) });
    lose(`The worker of ${file} failed: ${reasonOf(thrown)}`);
  });
  worker.on('exit', () => lose(`The worker of ${file} has ended`));

  return {
    opened,
    call<R>(request: object, given: readonly ArrayBuffer[] = []) {
      if (closing !== null) return Promise.reject(new SqliteError(`${file} is closed`, 'SQLITE_CLOSED'));
      if (gone !== null) return Promise.reject(gone);
      return new Promise<R>((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
        try {
          worker.postMessage({ ...request, id }, [...given]);
        } catch (thrown) {
          waiting.delete(id);
          reject(new SqliteError(`A parameter cannot be sent to the worker: ${reasonOf(thrown)}`, 'SQLITE_MISUSE'));
        }
      });
    },
    close() {
      closing ??= (async () => {
        if (gone === null) worker.postMessage(CLOSE);
        await ended;
      })();
      return closing;
    },
  };
};
