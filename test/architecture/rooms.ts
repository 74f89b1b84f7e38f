/** The plan of the house: what may stand at the root. A folder that no clause of the import rule names would escape them all. */
export const ROOMS: readonly string[] = [
  'domain',
  'contract',
  'adapters',
  'gateway',
  'ingest',
  'control',
  'dashboards',
  'simulators',
  'cli',
  'test',
  'deploy',
  'docs',
  '.ci',
];

export const ROOT_FILES: readonly string[] = [
  'main.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.config.ts',
  'vitest.config.ts',
  'biome.json',
  'eslint.config.mjs',
  '.dependency-cruiser.cjs',
  '.gitignore',
  '.dockerignore',
  '.npmrc',
  'Dockerfile',
  'docker-compose.yml',
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'LICENSE',
];

/** Kept files that stand outside the plan. */
export const outsideThePlan = (files: readonly string[]): readonly string[] =>
  files.filter((file) => {
    const [room = '', ...rest] = file.split('/');
    return rest.length === 0 ? !ROOT_FILES.includes(file) : !ROOMS.includes(room);
  });

const FORBIDDEN_WORDS = /^(utils?|helpers?|common|misc|managers?|base|data|info|service)$/;
/** Nouns of the trade that hold one of these words. */
const TRADE_NOUNS = /common-(parts?|areas?)|data-folder|edf-base/;
const FORBIDDEN_FOLDERS = /^(src|lib|utils?|common|helpers?|misc)$/;
const CODE = /\.(tsx?|mjs|cjs|css)$/;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;

const stemOf = (file: string): string => (file.split('/').at(-1) ?? '').replace(/(\.test|\.config|\.d)?\.[a-z]+$/, '');

/** Code files whose name hides what they hold, or whose folder does. */
export const namelessFiles = (files: readonly string[]): readonly string[] =>
  files.filter((file) => {
    if (!CODE.test(file)) return false;
    const folders = file.split('/').slice(0, -1);
    const stem = stemOf(file).replace(/^\./, '');
    return (
      folders.some((folder) => FORBIDDEN_FOLDERS.test(folder)) ||
      stem
        .replace(TRADE_NOUNS, '')
        .split('-')
        .some((word) => FORBIDDEN_WORDS.test(word)) ||
      !KEBAB.test(stem)
    );
  });

const MACHINE_PATHS: readonly RegExp[] = [
  /(?:^|[\s"'`(=:,])\/(?:work|root|tmp\/bash_jobs[\w.]*)\//m,
  /(?:^|[\s"'`(=:,])\/home\/(?!axone|user)\w+\//m,
  /(?:^|[\s"'`(=:,])\/(?!opt\/axone\/)\w[\w/.-]*\/node_modules\/\.bin\//m,
  /\.\.\/shared\/(?:design|domain|data|spec)\b/,
];

/** Whether a text names a place of one machine. */
export const namesThisMachine = (text: string): boolean => MACHINE_PATHS.some((pattern) => pattern.test(text));

/** Marks of work left for later. */
export const LEFT_FOR_LATER = /\b(TODO|FIXME|XXX|HACK)\b/;

/** Lines above which a file asks for a reason in review, and above which it is refused. */
export const LONG_FILE_LINES = { asked: 300, refused: 400 } as const;
export const linesOf = (text: string): number => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
