import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './tree.ts';

const KINDS = ['feat', 'fix', 'docs', 'test', 'refactor', 'perf', 'build', 'ci', 'chore', 'style', 'revert'];
const SHAPE = new RegExp(`^(${KINDS.join('|')})\\(([a-z0-9][a-z0-9,/ .-]*)\\)!?: \\S.*[^.\\s]$`);
const NEWEST = 50;

/** Whether a commit's first line is conventional, with the folder as scope: `feat(control): publish overrides`. */
export const isCommitSubject = (subject: string): boolean =>
  SHAPE.test(subject) || subject.startsWith('Merge ') || subject.startsWith('Revert "');

/** First lines of the newest commits; none without git. */
export const newestSubjects = (): readonly string[] => {
  if (!existsSync(path.join(ROOT, '.git'))) return [];
  const log = execFileSync('git', ['log', `-${NEWEST}`, '--no-merges', '--format=%s'], { cwd: ROOT, encoding: 'utf8' });
  return log.split('\n').filter((subject) => subject !== '');
};
