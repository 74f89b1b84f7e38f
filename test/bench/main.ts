import { readdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type BenchRow, row } from './bench-row.ts';

/** `npm run bench -- NAME [--json FILE]`: figures of this machine beside what was promised. Exit code 1 when a goal does not hold. */

export interface Bench {
  /** One line for the list. */
  readonly summary: string;
  /** `say` tells the progress. */
  run(say: (text: string) => void): Promise<readonly BenchRow[]>;
}

const NOT_BENCHES = ['main', 'bench-row', 'process-tree'];

const names = (await readdir(import.meta.dirname, { withFileTypes: true }))
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map(({ name }) => name.replace(/\.ts$/, ''))
  .filter((name) => !NOT_BENCHES.includes(name));

const load = async (name: string): Promise<Bench> =>
  ((await import(pathToFileURL(join(import.meta.dirname, `${name}.ts`)).href)) as { bench: Bench }).bench;

const rounded = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

const printTable = (rows: readonly BenchRow[]): void => {
  const cells = rows.map(({ name, value, unit, goal, holds, runs }) => [
    name,
    `${rounded(value)} ${unit}`,
    goal === null ? '' : `≤ ${goal} ${unit}`,
    holds === null ? '' : holds ? 'holds' : 'DOES NOT HOLD',
    runs.length > 1 ? runs.map(rounded).join(' ') : '',
  ]);
  const table = [['', 'median', 'goal', '', 'each run'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table)
    process.stdout.write(
      `${line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const [asked] = positionals;

if (asked !== undefined && names.includes(asked)) {
  const before = loadavg()[0] ?? 0;
  const bench = await load(asked);
  const measured = await bench.run((text) => void process.stderr.write(`${text}\n`));
  const rows = [...measured, row('load average of the machine before', '', null, [before])];
  printTable(rows);
  if (values.json !== undefined) await writeFile(resolve(values.json), `${JSON.stringify(rows, null, 2)}\n`);
  process.exitCode = rows.some(({ holds }) => holds === false) ? 1 : 0;
} else {
  for (const name of names) process.stdout.write(`npm run bench -- ${name}   ${(await load(name)).summary}\n`);
  process.exitCode = asked === undefined ? 0 : 2;
}
