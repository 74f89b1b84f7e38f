import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SqliteError } from '#adapters/sqlite/connection.ts';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { SeriesFile } from './series-file.ts';
import type { SeriesThreadMessage, SeriesThreadRequest } from './series-thread-messages.ts';

type Operations = Omit<SeriesFile, 'quantities' | 'close'>;

/** The series file behind its thread: a commit never delays the caller's. Calls are run in the order they are made. */
export interface SeriesThread {
  readonly quantities: ReadonlyMap<string, number>;
  /** `given` is moved to the thread, not copied. Rejects with `SqliteError`. */
  run<K extends keyof Operations>(
    operation: K,
    parameters: Parameters<Operations[K]>,
    given?: readonly ArrayBuffer[],
  ): Promise<ReturnType<Operations[K]>>;
  /** Runs what was asked before, then closes the file. Safe to call twice. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: Error) => void;
}

const startThread = async (file: string) => {
  const worker = new Worker(new URL('./series-thread.ts', import.meta.url), { workerData: file });
  const unwritable = (reason: string, cause?: unknown) =>
    fault('DATA_FOLDER_UNWRITABLE', { folder: dirname(file), reason }, cause);
  const first = await new Promise<SeriesThreadMessage>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  }).catch((thrown: unknown) => {
    throw unwritable(reasonOf(thrown), thrown);
  });
  worker.removeAllListeners('error');
  if ('opened' in first) return { worker, quantities: new Map(first.opened) };
  if ('unopened' in first && first.fault !== null) throw fault(first.fault.code, first.fault.fields);
  throw unwritable('unopened' in first ? first.unopened : 'its thread said something else');
};

/** Rejects with `DATA_FOLDER_UNWRITABLE` or `DATA_FOLDER_NEWER`. */
export const openSeriesThread = async (file: string, logger: Logger): Promise<SeriesThread> => {
  const { worker, quantities } = await startThread(file);
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
  worker.on('message', (message: SeriesThreadMessage) => {
    if (!('id' in message)) return;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ('failure' in message) asked?.reject(new SqliteError(message.failure.message, message.failure.code));
    else asked?.resolve(message.result);
  });
  worker.on('error', (thrown) => {
    logger.error('sqlite-worker-failed', { file, reason: reasonOf(thrown) });
    lose(`The worker of ${file} failed: ${reasonOf(thrown)}`);
  });
  worker.on('exit', () => lose(`The worker of ${file} has ended`));

  const post = (request: SeriesThreadRequest, given: readonly ArrayBuffer[]): void => worker.postMessage(request, [...given]);

  return {
    quantities,
    run: (operation, parameters, given = []) => {
      if (closing !== null) return Promise.reject(new SqliteError(`${file} is closed`, 'SQLITE_CLOSED'));
      if (gone !== null) return Promise.reject(gone);
      return new Promise((resolve, reject) => {
        const request: SeriesThreadRequest = { id: nextId++, operation, parameters };
        waiting.set(request.id, { resolve: resolve as Waiting['resolve'], reject });
        post(request, given);
      });
    },
    close() {
      closing ??= (async () => {
        if (gone === null) post({ id: nextId++, operation: 'close', parameters: [] }, []);
        await ended;
      })();
      return closing;
    },
  };
};
