import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fault, reasonOf } from '#contract/errors.ts';
import { readFixtures } from '#gateway/profiles/fixture.ts';
import { readProfile } from '#gateway/profiles/load-profiles.ts';
import { checkProfile, type ProfileAnswer, testProfile } from '#gateway/profiles/profile-command.ts';
import { profileSkeleton } from '#gateway/profiles/profile-skeleton.ts';
import type { ProfileOptions } from './profile-options.ts';

const PAGE = '.yaml';

const fileOf = (name: string, { folders }: ProfileOptions): string =>
  name.endsWith(PAGE) ? name : join(folders.profiles, `${name}${PAGE}`);

const readPage = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
  }
};

const namesIn = async ({ names, folders }: ProfileOptions): Promise<readonly string[]> =>
  names.length > 0
    ? names
    : (await readdir(folders.profiles))
        .filter((name) => name.endsWith(PAGE))
        .map((name) => join(folders.profiles, name))
        .sort();

const check = async (name: string, options: ProfileOptions): Promise<ProfileAnswer> => {
  const file = fileOf(name, options);
  return checkProfile(await readPage(file), file);
};

const test = async (name: string, options: ProfileOptions): Promise<ProfileAnswer> => {
  const file = fileOf(name, options);
  const profile = readProfile(await readPage(file), file);
  return testProfile(profile, await readFixtures(options.folders.fixtures, basename(file, PAGE)));
};

const writeNew = async (name: string, { folders }: ProfileOptions): Promise<ProfileAnswer> => {
  const files = profileSkeleton(name, folders);
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' }).catch((thrown: unknown) => {
      throw fault('PROFILE_EXISTS', { file: path }, thrown);
    });
  }
  return {
    passed: true,
    words: `Fill in, then check and test:\n${files.map(({ path }) => `  ${relative('.', path)}`).join('\n')}`,
  };
};

/** Carries out `profile check`, `test` or `new`. Rejects with the fault that a person must correct. */
export const runProfileCommand = async (options: ProfileOptions): Promise<ProfileAnswer> => {
  if (options.action === 'new') return writeNew(options.names[0] ?? '', options);
  const run = options.action === 'check' ? check : test;
  const answers: ProfileAnswer[] = [];
  for (const name of await namesIn(options)) answers.push(await run(name, options));
  return { passed: answers.every(({ passed }) => passed), words: answers.map(({ words }) => words).join('\n') };
};
