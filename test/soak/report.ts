import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Tells the progress on the terminal, with the time. */
export const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);

/** What was run, and on what. */
export interface Circumstances {
  readonly commit: string;
  readonly at: string;
  readonly node: string;
  readonly cores: number;
}

export const circumstances = async (): Promise<Circumstances> => {
  const { stdout } = await promisify(execFile)('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
    cwd: import.meta.dirname,
  });
  return { commit: stdout.trim(), at: new Date().toISOString(), node: process.version, cores: availableParallelism() };
};

/** As a line of the report. */
export const circumstancesText = ({ commit, at, node, cores }: Circumstances): string =>
  `Commit \`${commit}\`, ${at}, Node ${node}, ${cores} cores.`;

/** Keeps both forms in test/soak/reports and prints the one for people. */
export const keepReport = async (name: string, report: object, markdown: string): Promise<void> => {
  const folder = join(import.meta.dirname, 'reports');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), markdown);
  process.stdout.write(`\n${markdown}`);
};
