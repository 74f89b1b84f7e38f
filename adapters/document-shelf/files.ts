import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fault, reasonOf } from '#contract/errors.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** One file per document; written beside, synced, then renamed, so that a cut leaves the old or the new one whole. */
export const createFileShelf = async (folder: string): Promise<DocumentShelf> => {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw fault('DATA_FOLDER_UNWRITABLE', { folder, reason: reasonOf(thrown) }, thrown);
  });
  const writing = new Map<string, Promise<void>>();

  const write = async (name: string, text: string): Promise<void> => {
    const file = join(folder, `${name}.json`);
    const beside = `${file}.new`;
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
    await syncFolder(dirname(file));
  };

  return {
    get: async (name) => {
      try {
        return await readFile(join(folder, `${name}.json`), 'utf8');
      } catch (thrown) {
        if (isMissing(thrown)) return null;
        throw thrown;
      }
    },
    put: (name, text) => {
      const previous = writing.get(name) ?? Promise.resolve();
      const next = previous.then(
        () => write(name, text),
        () => write(name, text),
      );
      writing.set(name, next);
      return next;
    },
  };
};
