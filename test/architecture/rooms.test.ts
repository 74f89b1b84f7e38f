import { describe, expect, test } from 'vitest';
import { LEFT_FOR_LATER, LONG_FILE_LINES, linesOf, namelessFiles, namesThisMachine, outsideThePlan } from './rooms.ts';
import { codeFiles, keptFiles, readText } from './tree.ts';

const TEXT = /\.(tsx?|mjs|cjs|css|json|ya?ml|md|sh|conf|service|toml|ini|env|csv)$|^(Dockerfile|LICENSE|\.ci\/run|\.gitignore)$/;
const PLANTED = 'test/architecture/violations/';

describe('no-unknown-room', () => {
  test('nothing stands outside the plan of the house', () => {
    expect(outsideThePlan(keptFiles())).toEqual([]);
  });

  test('a new room, or a new file at the root, is noticed', () => {
    expect(outsideThePlan(['gateway/index.ts', 'shared/units.ts', 'src/main.ts', 'notes.md', 'README.md'])).toEqual([
      'shared/units.ts',
      'src/main.ts',
      'notes.md',
    ]);
  });
});

describe('names', () => {
  test('every code file is named after what it holds', () => {
    expect(namelessFiles(keptFiles().filter((file) => !file.startsWith(PLANTED)))).toEqual([]);
  });

  test('a nameless file or folder is noticed', () => {
    const planted = [
      'domain/lib/day.ts',
      'gateway/modbus-utils.ts',
      'ingest/base.ts',
      'control/orderManager.ts',
      'control/order.ts',
    ];
    expect(namelessFiles(planted)).toEqual(planted.slice(0, 4));
  });
});

describe('what is kept', () => {
  test('names no place of one machine', () => {
    const files = keptFiles().filter((file) => TEXT.test(file) && file !== 'test/architecture/rooms.ts');
    expect(files.filter((file) => namesThisMachine(readText(file)))).toEqual([]);
  });

  test('a place of one machine is noticed, and a word that looks like one is not', () => {
    const slash = '/';
    expect(namesThisMachine(`cd ${slash}work${slash}main`)).toBe(true);
    expect(namesThisMachine(`see ..${slash}shared/design/style.md`)).toBe(true);
    expect(namesThisMachine(`${slash}srv/build/node_modules${slash}.bin/node`)).toBe(true);
    expect(namesThisMachine('roads/work/lights and /opt/axone/node_modules/.bin/node')).toBe(false);
  });

  test('holds no file above the limit of lines', () => {
    const lengths = codeFiles()
      .filter((file) => !file.includes('/generated/'))
      .map((file) => ({ file, lines: linesOf(readText(file)) }));
    const long = lengths.filter(({ lines }) => lines > LONG_FILE_LINES.asked);
    if (long.length > 0) console.warn('These files ask for a reason in review:', long);
    expect(long.filter(({ lines }) => lines > LONG_FILE_LINES.refused)).toEqual([]);
  });

  test('says nothing is left for later', () => {
    const later = codeFiles().filter((file) => LEFT_FOR_LATER.test(readText(file)));
    expect(later).toEqual(['test/architecture/rooms.ts']);
  });
});
