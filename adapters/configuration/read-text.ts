import { readFile } from 'node:fs/promises';
import { fault, reasonOf } from '#contract/errors.ts';

/** A file that somebody chose. Rejects with `CONFIG_UNREADABLE`. */
export const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((thrown: unknown) => {
    throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
  });

/** A secret kept in a file, without its final line break. */
export const readSecret = async (file: string): Promise<string> => (await readText(file)).trimEnd();
