import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fault, fault } from '#contract/errors.ts';
import { type DeviceProfile, deviceProfilePage } from './device-profile.ts';
import { problemsOfYamlPage, readYamlPage } from './yaml-page.ts';

/** Profiles by name. */
export type DeviceProfiles = ReadonlyMap<string, DeviceProfile>;

/** The profiles that come with the gateway. */
export const PROFILES_FOLDER = import.meta.dirname;

const pageOptions = (text: string, file: string) =>
  ({
    text,
    file,
    schema: deviceProfilePage,
    code: 'PROFILE_INVALID',
    expected: 'gateway/profiles/profile.schema.json says what is allowed',
  }) as const;

/** One profile page. Throws `PROFILE_INVALID` with file, line and path. */
export const readProfile = (text: string, file: string): DeviceProfile => {
  const options = pageOptions(text, file);
  const page = readYamlPage(options);
  const { profile } = page.content;
  if (`${profile}.yaml` !== basename(file))
    throw fault('PROFILE_INVALID', {
      file,
      line: page.lineOf(['profile']),
      path: 'profile',
      problem: `"${profile}" is not the name of its file`,
      expected: 'a page is named after its profile',
    });
  return { ...page.content, hash: createHash('sha256').update(text).digest('hex') };
};

/** All that is wrong with a page, each with file, line and the rule it breaks; nothing when the gateway takes it. */
export const problemsOfProfile = (text: string, file: string): readonly Fault[] => {
  const problems = problemsOfYamlPage(pageOptions(text, file));
  if (problems.length > 0) return problems;
  try {
    readProfile(text, file);
    return [];
  } catch (thrown) {
    if (thrown instanceof Fault) return [thrown];
    throw thrown;
  }
};

/** Every page of a folder. Rejects with `PROFILE_INVALID`. */
export const loadProfiles = async (folder: string = PROFILES_FOLDER): Promise<DeviceProfiles> => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const pages = await Promise.all(files.map(async (name) => readProfile(await readFile(join(folder, name), 'utf8'), name)));
  return new Map(pages.map((page) => [page.profile, page]));
};
