import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '#contract/errors.ts';
import { type DeviceProfile, deviceProfilePage } from './device-profile.ts';
import { readYamlPage } from './yaml-page.ts';

/** Profiles by name. */
export type DeviceProfiles = ReadonlyMap<string, DeviceProfile>;

/** The profiles that come with the gateway. */
export const PROFILES_FOLDER = import.meta.dirname;

/** One profile page. Throws `PROFILE_INVALID` with file, line and path. */
export const readProfile = (text: string, file: string): DeviceProfile => {
  const expected = 'gateway/profiles/profile.schema.json says what is allowed';
  const page = readYamlPage({ text, file, schema: deviceProfilePage, code: 'PROFILE_INVALID', expected });
  const { profile } = page.content;
  if (`${profile}.yaml` !== file.split('/').at(-1))
    throw fault('PROFILE_INVALID', {
      file,
      line: page.lineOf(['profile']),
      path: 'profile',
      problem: `"${profile}" is not the name of its file`,
      expected: 'a page is named after its profile',
    });
  return { ...page.content, hash: createHash('sha256').update(text).digest('hex') };
};

/** Every page of a folder. Rejects with `PROFILE_INVALID`. */
export const loadProfiles = async (folder: string = PROFILES_FOLDER): Promise<DeviceProfiles> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const pages = await Promise.all(files.map(async (name) => readProfile(await readFile(join(folder, name), 'utf8'), name)));
  return new Map(pages.map((page) => [page.profile, page]));
};
