/**
 * `npm run check`: format, typed lint, types, import rule, generated documents and commit messages, side by side.
 * `npm run check -- --fix` formats and writes the generated documents first.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { isCommitSubject, newestSubjects } from './commit-messages.ts';
import { staleDocuments, writeDocuments } from './documents/index.ts';
import { cruiseImports } from './import-rule.ts';
import { ROOT } from './tree.ts';

interface Verdict {
  readonly passed: boolean;
  readonly report: string;
}

const BUDGET_SECONDS = 60;
const BINARIES = path.join(ROOT, 'node_modules', '.bin');

const tool = async (command: string, ...args: readonly string[]): Promise<Verdict> => {
  const child = spawn(path.join(BINARIES, command), args, {
    cwd: ROOT,
    env: { ...process.env, PATH: `${BINARIES}${path.delimiter}${process.env['PATH'] ?? ''}` },
    shell: process.platform === 'win32',
  });
  let report = '';
  const collect = (chunk: Buffer): void => {
    report += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { passed: code === 0, report };
};

const verdictOf = (problems: readonly string[]): Verdict => ({ passed: problems.length === 0, report: problems.join('\n') });

const importRule = async (): Promise<Verdict> => {
  const { violations } = await cruiseImports(ROOT);
  return verdictOf(violations.map(({ clause, from, to }) => `${clause}: ${from} → ${to}`));
};

const generatedDocuments = (): Verdict =>
  verdictOf(staleDocuments().map((file) => `${file} is not what the code says: run \`npm run check -- --fix\``));

const commitMessages = (): Verdict =>
  verdictOf(
    newestSubjects()
      .filter((subject) => !isCommitSubject(subject))
      .map((subject) => `"${subject}" is not of the form kind(folder): what it does`),
  );

const PARTS: Readonly<Record<string, () => Promise<Verdict> | Verdict>> = {
  format: () => tool('biome', 'check', '--no-errors-on-unmatched', '.'),
  lint: () => tool('eslint', '.'),
  types: () => tool('tsc', '--noEmit', '-p', '.'),
  'import rule': importRule,
  'generated documents': generatedDocuments,
  'commit messages': commitMessages,
};

const secondsSince = (start: number): string => ((performance.now() - start) / 1000).toFixed(1);

const run = async (name: string, part: () => Promise<Verdict> | Verdict): Promise<boolean> => {
  const start = performance.now();
  const { passed, report } = await part();
  if (!passed) process.stdout.write(`${report.trim()}\n`);
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name} (${secondsSince(start)} s)\n`);
  return passed;
};

const start = performance.now();
if (process.argv.includes('--fix')) {
  writeDocuments();
  const { report } = await tool('biome', 'check', '--write', '--no-errors-on-unmatched', '.');
  process.stdout.write(`${report.trim()}\n`);
}
const passed = (await Promise.all(Object.entries(PARTS).map(([name, part]) => run(name, part)))).every(Boolean);
const elapsed = secondsSince(start);
process.stdout.write(`${passed ? 'check passed' : 'check FAILED'} in ${elapsed} s\n`);
if (Number(elapsed) > BUDGET_SECONDS) process.stdout.write(`The check took more than ${BUDGET_SECONDS} s: make a part faster.\n`);
process.exitCode = passed ? 0 : 1;
