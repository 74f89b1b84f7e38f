import { dirname } from 'node:path';
import { openFileThread } from '#adapters/sqlite/file-thread.ts';
import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { SeriesOperations, SeriesThreadOpening, SeriesThreadRequest } from './series-thread-messages.ts';

/** The series file behind its thread. */
export interface SeriesThread {
  readonly quantities: ReadonlyMap<string, number>;
  /** `given` is moved to the thread, not copied. Rejects with `SqliteError`. */
  run<K extends keyof SeriesOperations>(
    operation: K,
    parameters: Parameters<SeriesOperations[K]>,
    given?: readonly ArrayBuffer[],
  ): Promise<ReturnType<SeriesOperations[K]>>;
  /** Runs what was asked before, then closes the file. Safe to call twice. */
  close(): Promise<void>;
}

/** Rejects with `DATA_FOLDER_UNWRITABLE` or `DATA_FOLDER_NEWER`. */
export const openSeriesThread = async (file: string, logger: Logger): Promise<SeriesThread> => {
  const thread = await openFileThread({ entry: new URL('./series-thread.ts', import.meta.url), data: file, file, logger });
  const opening = thread.opened as SeriesThreadOpening;
  if ('unopened' in opening) {
    if (opening.fault !== null) throw fault(opening.fault.code, opening.fault.fields);
    throw fault('DATA_FOLDER_UNWRITABLE', { folder: dirname(file), reason: opening.unopened });
  }
  return {
    quantities: new Map(opening.opened),
    run: (operation, parameters, given) => {
      const request: SeriesThreadRequest = { operation, parameters };
      return thread.call(request, given);
    },
    close: () => thread.close(),
  };
};
