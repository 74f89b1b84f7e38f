import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';

/** Written beside, synced, then renamed: whoever reads it finds the old one or the new one, whole. */
export const replaceFile = async (file: string, text: string, mode: number): Promise<void> => {
  const beside = `${file}.${randomBytes(6).toString('hex')}.new`;
  const handle = await open(beside, 'w', mode);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
};
