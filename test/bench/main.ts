import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, type BenchRow, row } from './bench.ts';

/** `npm run bench -- NAME [--json FILE]`: figures of this machine beside what was promised. Exit code 1 when a goal does not hold. */

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  start: () => import('./start.ts'),
  'dead-units': () => import('./dead-units.ts'),
  drain: () => import('./drain.ts'),
  store: () => import('./store.ts'),
  control: () => import('./control-resolve.ts'),
  gateway: () => import('./gateway.ts'),
};

const rounded = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(1));

const printTable = (rows: readonly BenchRow[]): void => {
  const cells = rows.map(({ name, value, unit, goal, isRate, holds, runs }) => [
    name,
    `${rounded(value)} ${unit}`,
    goal === null ? '' : `${isRate === true ? '≥' : '≤'} ${goal} ${unit}`,
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
const [asked = ''] = positionals;
const load = BENCHES[asked];

if (load !== undefined) {
  const before = loadavg()[0] ?? 0;
  const { bench } = await load();
  const measured = await bench.run((text) => void process.stderr.write(`${text}\n`));
  const rows = [...measured, row('load average of the machine before', '', null, [before])];
  printTable(rows);
  if (values.json !== undefined) await writeFile(resolve(values.json), `${JSON.stringify(rows, null, 2)}\n`);
  process.exitCode = rows.some(({ holds }) => holds === false) ? 1 : 0;
} else {
  for (const [name, each] of Object.entries(BENCHES))
    process.stdout.write(`npm run bench -- ${name}   ${(await each()).bench.summary}\n`);
  process.exitCode = asked === '' ? 0 : 2;
}
