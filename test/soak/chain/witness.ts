import { type FileHandle, open, readFile } from 'node:fs/promises';

/**
 * What the gateway says under oath, in a file beside its outbox: `boot B from K` before the first append of a boot, then `K` once
 * the append of batch K has resolved. A line without its end was never said.
 */
const BOOT = /^boot (\d+) from (\d+)$/;

export interface Testimony {
  /** Which batch the number 0 of each boot was. */
  readonly firstOfBoot: ReadonlyMap<number, number>;
  /** How many batches are durable by the gateway's word: all before this one. */
  readonly durable: number;
}

const wholeLines = (text: string): readonly string[] => text.slice(0, text.lastIndexOf('\n') + 1).split('\n');

const read = async (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((thrown: unknown) => {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return '';
    throw thrown;
  });

export const hearTestimony = async (file: string): Promise<Testimony> => {
  const firstOfBoot = new Map<number, number>();
  let durable = 0;
  for (const line of wholeLines(await read(file))) {
    const [, boot, from] = BOOT.exec(line) ?? [];
    if (boot !== undefined && from !== undefined) firstOfBoot.set(Number(boot), Number(from));
    else if (line !== '') durable = Number(line) + 1;
  }
  return { firstOfBoot, durable };
};

/** The gateway's side of it. */
export interface Witness {
  /** The first batch of which nothing was said. */
  readonly next: number;
  /** Resolves when it is on the disk. */
  durable(batch: number): Promise<void>;
  close(): Promise<void>;
}

const sayUnderOath = async (handle: FileHandle, line: string): Promise<void> => {
  await handle.appendFile(`${line}\n`);
  await handle.datasync();
};

export const openWitness = async (file: string, boot: number): Promise<Witness> => {
  const { durable: next } = await hearTestimony(file);
  const text = await read(file);
  const handle = await open(file, 'a');
  await handle.truncate(Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1)));
  await sayUnderOath(handle, `boot ${boot} from ${next}`);
  return { next, durable: (batch) => sayUnderOath(handle, String(batch)), close: () => handle.close() };
};
