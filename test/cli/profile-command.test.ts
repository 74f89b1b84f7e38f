import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const guide = await readFile(join(ROOT, 'docs/add-a-device.md'), 'utf8');
const folder = await mkdtemp(join(tmpdir(), 'axone-profile-'));
afterAll(() => rm(folder, { recursive: true }));

/** The blocks of the guide in one language, in order. */
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text]) => text ?? '');

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}

const profile = (...parameters: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const child = execFile(
      process.execPath,
      [
        join(ROOT, 'cli/main.ts'),
        'profile',
        ...parameters,
        '--profiles',
        join(folder, 'profiles'),
        '--fixtures',
        join(folder, 'fixtures'),
      ],
      (_failure, said, complained) => done({ code: child.exitCode ?? -1, said, complained }),
    );
  });

/** A command as the guide prints it. */
const asPrinted = (command: string): Promise<Ended> => {
  const [, words = ''] = /^npm run axone -- profile (.+)\n$/.exec(command) ?? [];
  return profile(...words.split(' '));
};

const inFixture = (leaf: string): string => join(folder, 'fixtures/acme-one/first-reading', leaf);

describe('the guide to add a device', () => {
  test('followed word for word, it adds one', async () => {
    const [begin = '', check = '', read = ''] = blocks('sh');
    const [checked = '', table = ''] = blocks('text');
    expect(await asPrinted(begin)).toMatchObject({ code: 0 });
    expect(await asPrinted(check)).toMatchObject({ code: 0, said: 'acme-one: 1 quantity in 1 request, writes nothing.\n' });
    expect(await asPrinted(read)).toMatchObject({ code: 0, said: expect.stringContaining('voltageV  230.4     230.4  ok') });
    await writeFile(join(folder, 'profiles/acme-one.yaml'), blocks('yaml')[0] ?? '');
    await writeFile(inFixture('registers.hex'), blocks('hex')[0] ?? '');
    await writeFile(inFixture('expected.json'), blocks('json')[0] ?? '');
    await writeFile(inFixture('source.md'), 'Computed from the document, revision 2, page 5.\n');
    expect(await asPrinted(check)).toMatchObject({ code: 0, said: checked });
    expect(await asPrinted(read)).toMatchObject({ code: 0, said: table });
  });

  test('a profile that is already there is not overwritten', async () => {
    expect(await profile('new', 'acme-one')).toMatchObject({ code: 2, complained: expect.stringContaining('PROFILE_EXISTS') });
  });

  test('what is read otherwise than expected is shown, and fails', async () => {
    await writeFile(
      inFixture('expected.json'),
      '{ "values": { "voltageV": 231, "activePowerW": 150, "energyImportedWh": 123450 } }',
    );
    const { code, said } = await profile('test', 'acme-one');
    expect(code).toBe(2);
    expect(said).toMatch(/voltageV +231 +230 +DIFFERS/);
  });

  test('every problem of a page is named by file, line and rule', async () => {
    const file = join(folder, 'profiles/acme-one.yaml');
    const page = (await readFile(file, 'utf8'))
      .replace('unit: V,', 'unit: kV,')
      .replace('type: int32, wordOrder: low-first', 'type: int32, wordOrder: pairs-swapped');
    await writeFile(file, page);
    const lineOf = (words: string): number => page.split('\n').findIndex((line) => line.includes(words)) + 1;
    const { code, said } = await profile('check', file);
    expect(code).toBe(2);
    expect(said.trim().split('\n')).toEqual([
      expect.stringContaining(`line ${lineOf('voltageV')}, at points.voltageV.unit: voltageV is in V, not kV`),
      expect.stringContaining(
        `line ${lineOf('activePowerW')}, at points.activePowerW.wordOrder: pairs-swapped is for a value of four registers`,
      ),
    ]);
  });

  test.each([
    [['inspect'], 'COMMAND_UNKNOWN'],
    [['new', 'Acme One'], 'OPTION_INVALID'],
    [['check', 'no-such-meter'], 'CONFIG_UNREADABLE'],
  ])('profile %j is refused: %s', async (parameters, code) => {
    expect(await profile(...parameters)).toMatchObject({ code: 2, complained: expect.stringContaining(code) });
  });
});
