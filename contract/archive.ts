import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { fault, reasonOf } from './errors.ts';

/**
 * An archive is text, one JSON value a line: first what it is, then its parts, last how many there were and the SHA-256 of all
 * lines before. It says nothing of the engine it came from, so that it is restored on any.
 */
const FORMAT = 1;

export type ArchiveKind = 'registry' | 'series';
export type WriteLine = (line: string) => Promise<void>;

const headLine = z.strictObject({ axone: z.enum(['registry', 'series']), format: z.int(), schema: z.int().min(1) });
const endLine = z.strictObject({ parts: z.int().min(0), sha256: z.string() });

export interface ArchiveWriter {
  part(part: unknown): Promise<void>;
  end(): Promise<void>;
}

/** `schema`: version of what the parts are. */
export const beginArchive = async (kind: ArchiveKind, schema: number, write: WriteLine): Promise<ArchiveWriter> => {
  const hash = sha256.create();
  let parts = 0;
  const say = async (value: unknown): Promise<void> => {
    const line = JSON.stringify(value);
    hash.update(utf8ToBytes(line));
    await write(line);
  };
  await say({ axone: kind, format: FORMAT, schema });
  return {
    part: async (part) => {
      parts += 1;
      await say(part);
    },
    end: () => write(JSON.stringify({ parts, sha256: bytesToHex(hash.digest()) })),
  };
};

export interface Archive<P> {
  readonly schema: number;
  /** All parts, in order; ends only when the last line agrees with them. */
  parts(): AsyncGenerator<P>;
  /** Refuses the line last read. */
  refuse(problem: string): never;
}

/** Reads the first line. Whatever is wrong with a line is `ARCHIVE_INVALID`, with its number. */
export const openArchive = async <P>(
  kind: ArchiveKind,
  part: z.ZodType<P>,
  lines: AsyncIterable<string>,
): Promise<Archive<P>> => {
  const source = lines[Symbol.asyncIterator]();
  const hash = sha256.create();
  let number = 0;
  // the sum covers the lines before the last: a line counts when the next one is there
  let held = '';
  const refuse = (problem: string): never => {
    throw fault('ARCHIVE_INVALID', { line: number, problem });
  };
  const next = async (): Promise<unknown> => {
    hash.update(utf8ToBytes(held));
    const line = await source.next();
    number += 1;
    if (line.done === true) return refuse('it ends before its last line');
    held = line.value;
    try {
      return JSON.parse(held) as unknown;
    } catch (thrown) {
      return refuse(reasonOf(thrown));
    }
  };
  const understood = <T>(schema: z.ZodType<T>, value: unknown): T => {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed.data : refuse(z.prettifyError(parsed.error));
  };

  const head = understood(headLine, await next());
  if (head.axone !== kind) refuse(`it is an archive of ${head.axone}, not of ${kind}`);
  if (head.format !== FORMAT) refuse(`its format is ${head.format}, and this version knows ${FORMAT}`);
  return {
    schema: head.schema,
    refuse,
    parts: async function* () {
      for (let count = 0; ; count += 1) {
        const value = await next();
        const end = endLine.safeParse(value);
        if (!end.success) {
          yield understood(part, value);
          continue;
        }
        if (end.data.parts !== count) refuse(`${count} parts were there of ${end.data.parts}`);
        if (end.data.sha256 !== bytesToHex(hash.clone().digest())) refuse('its lines are not those that were written');
        return;
      }
    },
  };
};
