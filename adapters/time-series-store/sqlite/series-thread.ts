/** Entry of the worker thread that owns the series file: answers requests in order, and gives long pieces away uncopied. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { CLOSE, type ThreadAnswer } from '#adapters/sqlite/file-thread.ts';
import { Fault } from '#contract/errors.ts';
import { openSeriesFile, type SeriesFile } from './series-file.ts';
import type { SeriesThreadOpening, SeriesThreadRequest } from './series-thread-messages.ts';

const port = parentPort;
if (port === null) throw new Error('series-thread.ts is the entry of a worker thread');

const say = (message: SeriesThreadOpening | ThreadAnswer<unknown>, pieces: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...pieces]);

type Numbered = SeriesThreadRequest & { readonly id: number };

const piecesOf = (result: unknown): ArrayBuffer[] => {
  if (ArrayBuffer.isView(result)) return result.buffer instanceof ArrayBuffer ? [result.buffer] : [];
  return typeof result === 'object' && result !== null && 'instants' in result
    ? Object.values(result).flatMap((piece) => piecesOf(piece))
    : [];
};

const answer = (file: SeriesFile, { id, operation, parameters }: Numbered): void => {
  try {
    const result = (file[operation] as (...given: readonly unknown[]) => unknown)(...parameters);
    say({ id, result }, piecesOf(result));
  } catch (thrown) {
    const code = thrown instanceof Database.SqliteError ? thrown.code : 'SQLITE_MISUSE';
    say({ id, failure: { code, message: thrown instanceof Error ? thrown.message : String(thrown) } });
  }
};

const open = (): SeriesFile | null => {
  try {
    return openSeriesFile(workerData as string);
  } catch (thrown) {
    const newer = thrown instanceof Fault ? { code: thrown.code, fields: thrown.fields } : null;
    say({ unopened: thrown instanceof Error ? thrown.message : String(thrown), fault: newer });
    return null;
  }
};

const file = open();
if (file === null) port.close();
else {
  say({ opened: [...file.quantities()] });
  port.on('message', (request: Numbered | typeof CLOSE) => {
    if (request !== CLOSE) {
      answer(file, request);
      return;
    }
    file.close();
    port.close();
  });
}
