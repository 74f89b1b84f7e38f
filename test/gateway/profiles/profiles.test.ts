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
    expect([...profiles.keys()]).toHaveLength(8);
    for (const profile of profiles.values()) {
      expect(profile.hash).toMatch(/^[0-9a-f]{64}$/);
      expect(profile.origin === 'fictitious').toBe(profile.profile.startsWith('axone-demo-'));
    }
  });

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
