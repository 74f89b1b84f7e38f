import { mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { Fault, fault, reasonOf } from '#contract/errors.ts';

/** Layout of the folder that this version writes. */
const LAYOUT = 1;
const LOCK_FILE = 'axone.pid';

const stampSchema = z.strictObject({ layout: z.int(), field: z.enum(['simulated', 'real']) });
/** All that is known of a stamp before its layout was looked at. */
const anyStampSchema = z.looseObject({ layout: z.int() });

export interface DataFolder {
  readonly path: string;
  /** True when nothing was there before. */
  readonly isNew: boolean;
  /** Gives the folder back to other processes. */
  release(): Promise<void>;
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it runs, under another user.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
};

const lock = async (folder: string): Promise<void> => {
  const path = join(folder, LOCK_FILE);
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) {
      throw fault('DATA_FOLDER_UNWRITABLE', { folder, reason: reasonOf(thrown) }, thrown);
    }
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    if (Number.isSafeInteger(pid) && pid !== process.pid && isRunning(pid)) throw fault('DATA_FOLDER_IN_USE', { folder, pid });
    // Left by a process that was killed.
    await unlink(path);
    await lock(folder);
  }
};

/** A newer layout is said whatever else its stamp holds. */
const readStamp = (folder: string, text: string): z.output<typeof stampSchema> => {
  try {
    const written: unknown = JSON.parse(text);
    const { layout } = anyStampSchema.parse(written);
    if (layout > LAYOUT) throw fault('DATA_FOLDER_NEWER', { folder, found: layout, known: LAYOUT });
    return stampSchema.parse(written);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw fault('DATA_FOLDER_DAMAGED', { folder, reason: reasonOf(thrown) }, thrown);
  }
};

/**
 * Opens or makes a data folder for one process. Stamped with its field, so that simulated measurements never open as
 * real ones: DATA_FOLDER_UNWRITABLE, DATA_FOLDER_IN_USE, DATA_FOLDER_DAMAGED,
 * DATA_FOLDER_NEWER, DATA_FOLDER_OTHER_FIELD.
 */
export const openDataFolder = async (folder: string, field: 'simulated' | 'real'): Promise<DataFolder> => {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw fault('DATA_FOLDER_UNWRITABLE', { folder, reason: reasonOf(thrown) }, thrown);
  });
  await lock(folder);
  try {
    const shelf = await createFileShelf(folder);
    const text = await shelf.get('stamp');
    if (text === null) {
      await shelf.put('stamp', JSON.stringify({ layout: LAYOUT, field }));
    } else {
      const stamp = readStamp(folder, text);
      if (stamp.field !== field) throw fault('DATA_FOLDER_OTHER_FIELD', { folder, found: stamp.field, asked: field });
    }
    return { path: folder, isNew: text === null, release: () => unlink(join(folder, LOCK_FILE)) };
  } catch (thrown) {
    await unlink(join(folder, LOCK_FILE));
    throw thrown;
  }
};
