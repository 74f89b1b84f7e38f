import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of the repository. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

const NOT_KEPT = new Set(['node_modules', 'dist', 'data', '.git']);

const walk = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return folder === '' && NOT_KEPT.has(entry.name) ? [] : walk(name);
    return entry.isFile() ? [name] : [];
  });

const asGitSeesThem = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && existsSync(path.join(ROOT, file)));

/** Every file of the repository that is kept or about to be, from its root. Without git (an archive), every file but the built ones. */
export const keptFiles = (): readonly string[] => (existsSync(path.join(ROOT, '.git')) ? asGitSeesThem() : walk(''));

export const readText = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const PLANTED = 'test/architecture/violations/';
/** TypeScript of the house, without the violations planted on purpose. */
export const codeFiles = (): readonly string[] => keptFiles().filter((file) => /\.tsx?$/.test(file) && !file.startsWith(PLANTED));
