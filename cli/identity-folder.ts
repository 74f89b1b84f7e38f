import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, reasonOf } from '#contract/errors.ts';

/** Names of the files in the folder where a machine keeps what it shows to a broker. */
export const KEY_FILE = 'key.pem';
export const CERTIFICATE_FILE = 'certificate.pem';
export const ROOT_FILE = 'root.pem';

/** Rejects with `CONFIG_UNREADABLE`. */
export const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((thrown: unknown) => {
    throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
  });

export const writeIn = async (folder: string, name: string, text: string, mode = 0o644): Promise<string> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  await writeFile(file, text, { mode });
  return file;
};

/** Never over another key. */
export const writeNewKey = async (folder: string, text: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, KEY_FILE);
  await writeFile(file, text, { flag: 'wx', mode: 0o600 });
};
