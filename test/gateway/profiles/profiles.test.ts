import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deviceProfileJsonSchema } from '#gateway/profiles/device-profile.ts';
import { loadProfiles, readProfile } from '#gateway/profiles/load-profiles.ts';

const page = (name: string) => readFile(new URL(`../../../gateway/profiles/${name}.yaml`, import.meta.url), 'utf8');

describe('device profiles', () => {
  test('all load, and fictitious devices say so', async () => {
    const profiles = await loadProfiles();
    for (const profile of profiles.values()) {
      expect(profile.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(profile.origin === 'fictitious').toBe(profile.profile.startsWith('axone-demo-'));
    }
  });

  test('at least twenty-four are of devices that are sold, each with its document, its source and what they are worth', async () => {
    const sold = [...(await loadProfiles()).values()].filter(({ origin }) => origin === 'documented');
    expect(sold.length).toBeGreaterThanOrEqual(24);
    for (const { confidence, document, source } of sold) {
      expect(confidence).not.toBe('fictitious');
      expect(document.length).toBeGreaterThan(10);
      expect(source).toMatch(/^facts |^general knowledge/);
    }
  });

  test.each([
    ['wordOrder: high-first', 'wordOrder: pairs-swapped', 'pairs-swapped is for a value of four registers, not float32'],
    ['scale: 1, unit: V }', 'scale: 1, unit: V, bit: 3 }', 'float32 has no bits of its own'],
    [
      'type: float32, wordOrder: high-first, scale: 1, unit: V }',
      'type: uint16, wordOrder: high-first, scale: 1, unit: V, bit: 16 }',
      'uint16 holds 16 bits, not 17',
    ],
    [
      'type: float32, wordOrder: high-first, scale: 1, unit: V }',
      'type: int16, wordOrder: high-first, scale: 1, unit: V, unknown: [0xFFFF] }',
      'int16 never holds 65535; for a bit pattern write "0xFFFF" in quotes',
    ],
    [
      'type: float32, wordOrder: high-first, scale: 1, unit: V }',
      'type: int16, wordOrder: high-first, scale: 1, unit: V, unknown: ["0x7FFFFFFF"] }',
      '0x7FFFFFFF is longer than int16',
    ],
    [
      'type: float32, wordOrder: high-first, scale: 1, unit: V }',
      'type: uint16, wordOrder: high-first, scale: 1, unit: V, level: byte }',
      'a level is in %',
    ],
  ])('a rule no schema can say: %s becoming %s is refused', async (from, to, problem) => {
    const text = (await page('eastron-sdm120')).replace(from, to);
    expect(() => readProfile(text, 'eastron-sdm120.yaml')).toThrow(
      expect.objectContaining({ fields: expect.objectContaining({ problem }) }),
    );
  });

  test.each([
    ['axone-demo-cabinet', '      minOnSeconds: 10,\n', '', 'a contactor needs minOnSeconds'],
    ['wirenboard-wb-mdm3', '    minSecondsBetweenWrites: 1\n', '', 'expected number, received undefined'],
    [
      'wirenboard-wb-mdm3',
      '    minSecondsBetweenWrites: 1\n',
      '    minSecondsBetweenWrites: 1\n    minOnSeconds: 5\n',
      'only a contactor has it',
    ],
    ['wirenboard-wb-mr6cu', '    minOnSeconds: 10\n', '    minOnSeconds: 601\n', '<=600'],
    ['wirenboard-wb-mdm3', '    value: 3\n', '', 'link-loss-action needs value'],
    ['wirenboard-wb-mdm3', '    level: percent\n    write:', '    write:', 'link-loss-level needs level'],
    ['wirenboard-wb-mdm3', '    min: 1\n', '', 'link-loss-time needs min'],
    ['wirenboard-wb-mr6cu', '    value: 1\n    write:', '    value: 1\n    level: percent\n    write:', 'has no level'],
    ['adfweb-mbus-water', 'offset: 2, plus: -6', 'offset: 2, plus: -13', '>=-12'],
  ])(
    'a write without its rate, or a fail-safe register that says too little: %s, %j becoming %j, is refused',
    async (name, from, to, problem) => {
      const text = (await page(name)).replace(from, to);
      expect(text).not.toBe(await page(name));
      expect(() => readProfile(text, `${name}.yaml`)).toThrow(problem);
    },
  );

  test('the JSON schema for editors is the one of the code', async () => {
    const written = await readFile(new URL('../../../gateway/profiles/profile.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(written)).toEqual(deviceProfileJsonSchema());
  });

  test('an error names file, line and path', async () => {
    const text = (await page('eastron-sdm120')).replace(
      'wordOrder: high-first, scale: 1, unit: A',
      'wordOrder: reversed, scale: 1, unit: A',
    );
    const line = text.split('\n').findIndex((each) => each.includes('reversed')) + 1;
    expect(() => readProfile(text, 'eastron-sdm120.yaml')).toThrow(
      expect.objectContaining({
        code: 'PROFILE_INVALID',
        fields: expect.objectContaining({ file: 'eastron-sdm120.yaml', line, path: 'points.currentA.wordOrder' }),
      }),
    );
  });

  test('a wrong unit, an unknown key and a bad syntax are each found on their line', async () => {
    const text = await page('eastron-sdm120');
    const problems = [
      text.replace('unit: Wh', 'unit: kWh'),
      text.replace('addressBase', 'adressBase'),
      text.replace('points:', 'points: ['),
    ];
    for (const wrong of problems)
      expect(() => readProfile(wrong, 'eastron-sdm120.yaml')).toThrow(expect.objectContaining({ code: 'PROFILE_INVALID' }));
    expect(() => readProfile(problems[0] ?? '', 'eastron-sdm120.yaml')).toThrow(/energyImportedWh is in Wh, not kWh/);
  });

  test('a folder with one wrong page is refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'axone-profiles-'));
    await writeFile(join(folder, 'another-name.yaml'), await page('eastron-sdm120'));
    await expect(loadProfiles(folder)).rejects.toMatchObject({ code: 'PROFILE_INVALID', fields: { path: 'profile' } });
    await rm(folder, { recursive: true });
  });
});
