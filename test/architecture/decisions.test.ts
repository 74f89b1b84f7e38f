import { describe, expect, test } from 'vitest';
import { keptFiles, readText } from './tree.ts';

const FOLDER = 'docs/adr/';
const HEADINGS = ['## Context', '## Decision', '## Consequences', '## What would change our mind'];

const decisionFiles = (): readonly string[] =>
  keptFiles()
    .filter((file) => file.startsWith(FOLDER) && file !== `${FOLDER}README.md`)
    .map((file) => file.slice(FOLDER.length))
    .sort();

/** Numbers that are missing from 0001 on, or taken twice, or badly written. */
const misnumbered = (files: readonly string[]): readonly string[] =>
  files.filter(
    (file, index) => !file.startsWith(`${String(index + 1).padStart(4, '0')}-`) || !/^\d{4}-[a-z0-9-]+\.md$/.test(file),
  );

const unlinked = (files: readonly string[], page: string): readonly string[] =>
  files.filter((file) => !page.includes(`(${file})`));

describe('decisions', () => {
  test('are numbered without a gap', () => {
    expect(decisionFiles().length).toBeGreaterThanOrEqual(10);
    expect(misnumbered(decisionFiles())).toEqual([]);
  });

  test('a gap and a double are noticed', () => {
    expect(misnumbered(['0001-one.md', '0003-three.md'])).toEqual(['0003-three.md']);
    expect(misnumbered(['0001-one.md', '0001-uno.md'])).toEqual(['0001-uno.md']);
  });

  test('are all linked from their list, which links nothing else', () => {
    const page = readText(`${FOLDER}README.md`);
    expect(unlinked(decisionFiles(), page)).toEqual([]);
    expect([...page.matchAll(/\((\d{4}-[^)]+)\)/g)].map(([, file]) => file)).toEqual(decisionFiles());
    expect(unlinked(['0099-unwritten.md'], page)).toEqual(['0099-unwritten.md']);
  });

  test.each(decisionFiles())('%s has its four parts, in order', (file) => {
    const text = readText(`${FOLDER}${file}`);
    expect(text).toMatch(new RegExp(`^# ${file.slice(0, 4)} `));
    expect([...text.matchAll(/^## .+$/gm)].map(([heading]) => heading)).toEqual(HEADINGS);
  });

  test('every dependency has its line in ADR 0011, and every line a dependency', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readText('package.json')) as Record<
      'dependencies' | 'devDependencies' | 'optionalDependencies',
      Record<string, string>
    >;
    const installed = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).sort();
    const table = readText(`${FOLDER}0011-dependencies.md`)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const explained = table.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    expect(explained.sort()).toEqual(installed);
  });

  test('every dependency is pinned to the patch', () => {
    const { dependencies, devDependencies } = JSON.parse(readText('package.json')) as Record<string, Record<string, string>>;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
  });
});
