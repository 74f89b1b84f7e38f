import { reasonOf } from '#contract/errors.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';

/** What a site keeps over a restart. */
export interface FieldMemory {
  /** The last snapshot; null when there is none or it cannot be read (said in the log). */
  recall(): Promise<unknown>;
  /** Keeps the snapshot of now; those asked for while one is being written become one. */
  keep(): void;
  /** Keeps the snapshot of now and resolves when it is on the shelf. */
  keepAndWait(): Promise<void>;
}

export interface FieldMemoryOptions {
  readonly shelf: DocumentShelf;
  readonly name: string;
  readonly logger: Logger;
  readonly snapshot: () => unknown;
}

const VERSION = 1;

const readPast = (text: string): unknown => {
  const document: unknown = JSON.parse(text);
  if (
    typeof document === 'object' &&
    document !== null &&
    'version' in document &&
    document.version === VERSION &&
    'past' in document
  )
    return document.past;
  throw new RangeError(`this version reads documents of version ${VERSION} only`);
};

export const createFieldMemory = ({ shelf, name, logger, snapshot }: FieldMemoryOptions): FieldMemory => {
  let writing: Promise<void> | null = null;
  let isStale = false;
  let isFailing = false;

  const write = async (): Promise<void> => {
    try {
      await shelf.put(name, JSON.stringify({ version: VERSION, past: snapshot() }));
      isFailing = false;
    } catch (thrown) {
      if (!isFailing) logger.error('field-memory-not-written', { name, reason: reasonOf(thrown) });
      isFailing = true;
    }
  };

  const writeUntilFresh = async (): Promise<void> => {
    do {
      isStale = false;
      await write();
    } while (isStale);
    writing = null;
  };

  const keepAndWait = (): Promise<void> => {
    isStale = true;
    writing ??= writeUntilFresh();
    return writing;
  };

  return {
    recall: async () => {
      const text = await shelf.get(name);
      if (text === null) return null;
      try {
        return readPast(text);
      } catch (thrown) {
        logger.warn('field-memory-unreadable', { name, reason: reasonOf(thrown) });
        return null;
      }
    },
    keep: () => void keepAndWait(),
    keepAndWait,
  };
};
