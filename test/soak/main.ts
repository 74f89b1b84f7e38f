import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** `npm run soak -- NAME`: a long run against the real parts, whose report is kept in test/soak/reports. */

export interface Soak {
  /** One line for the list. */
  readonly summary: string;
  /** Says its progress on the terminal; resolves with whether what it promises held. */
  run(): Promise<boolean>;
}

const names = (await readdir(import.meta.dirname, { withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name !== 'main.ts')
  .map(({ name }) => name.replace(/\.ts$/, ''));

const load = async (name: string): Promise<Soak> =>
  ((await import(pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href)) as { soak: Soak }).soak;

const [asked] = process.argv.slice(2);
if (asked !== undefined && names.includes(asked)) {
  process.exitCode = (await (await load(asked)).run()) ? 0 : 1;
} else {
  for (const name of names) process.stdout.write(`npm run soak -- ${name}   ${(await load(name)).summary}\n`);
  process.exitCode = asked === undefined ? 0 : 2;
}
