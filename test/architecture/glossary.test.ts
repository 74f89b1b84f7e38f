import { describe, expect, test } from 'vitest';
import { codeFiles, readText } from './tree.ts';

/** Terms that a glossary page marks as code, in its third column. */
const codeTerms = (page: string): readonly string[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .flatMap((line) => [...(line.split('|')[3] ?? '').matchAll(/`([^`]+)`/g)].map(([, term]) => term ?? ''));

const absentFrom = (terms: readonly string[], code: string): readonly string[] =>
  terms.filter((term) => !new RegExp(`\\b${term}\\b`).test(code));

describe('the glossary', () => {
  const page = readText('docs/glossary.md');
  const code = codeFiles()
    .filter((file) => !file.startsWith('test/'))
    .map(readText)
    .join('\n');

  test('marks as code only what the code says', () => {
    expect(codeTerms(page).length).toBeGreaterThan(25);
    expect(absentFrom(codeTerms(page), code)).toEqual([]);
  });

  test('a term that no code says is noticed', () => {
    const planted = codeTerms(`${page}\n| lampadaire | street lamp | \`StreetLampThing\` | a planted row |\n`);
    expect(absentFrom(planted, code)).toEqual(['StreetLampThing']);
  });

  test('says each French word once', () => {
    const words = page
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
      .map((line) => line.split('|')[1]?.trim());
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });
});
