import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream';
import { pipeline as completed } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { WriteLine } from '#contract/archive.ts';
import { fault, reasonOf } from '#contract/errors.ts';

/** Writes lines compressed into a file closed to others, which has its name only once it is whole. Gives what was produced. */
export const writeArchiveFile = async <T>(file: string, produce: (write: WriteLine) => Promise<T>): Promise<T> => {
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const zip = createGzip();
  const written = completed(zip, createWriteStream(part, { mode: 0o600, flush: true }));
  // a disk that refuses is heard by whoever waits for it next
  written.catch(() => undefined);
  try {
    const produced = await produce(async (line) => {
      if (!zip.write(`${line}\n`)) await Promise.race([once(zip, 'drain'), written]);
    });
    zip.end();
    await written;
    await rename(part, file);
    return produced;
  } catch (thrown) {
    zip.destroy();
    await rm(part, { force: true });
    throw thrown;
  }
};

/** Lines of an archive. Rejects with `CONFIG_UNREADABLE`, or with `ARCHIVE_INVALID` when it is not compressed as it was. */
export const readArchiveFile = async function* (file: string): AsyncGenerator<string> {
  const text = createGunzip().setEncoding('utf8');
  // the failure of either ends the loop below
  pipeline(createReadStream(file), text, () => undefined);
  let line = 0;
  let rest = '';
  try {
    for await (const piece of text as AsyncIterable<string>) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) {
        line += 1;
        yield each;
      }
    }
  } catch (thrown) {
    const isSystem = thrown instanceof Error && 'syscall' in thrown;
    throw isSystem
      ? fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown)
      : fault('ARCHIVE_INVALID', { line: line + 1, problem: reasonOf(thrown) }, thrown);
  }
};
