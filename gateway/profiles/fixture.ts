import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '#contract/errors.ts';
import { QUANTITY_NAMES } from '#contract/quantities.ts';
import type { DeviceProfile } from './device-profile.ts';
import { type RegisterImage, readRegisterImage } from './register-image.ts';
import { replay } from './replay.ts';

/** `expected.json`: the channel read, and every quantity as the gateway must say it; null is missing. */
const expectedPage = z.strictObject({
  channel: z.int().min(0).max(255).default(0),
  values: z.partialRecord(z.enum(QUANTITY_NAMES), z.number().nullable()),
});

/** A device's registers at one moment, and what must be read in them. */
export interface Fixture {
  /** `eastron-sdm120/first-reading`. */
  readonly name: string;
  readonly profile: string;
  readonly image: RegisterImage;
  readonly channel: number;
  readonly expected: z.infer<typeof expectedPage>['values'];
  /** The requests that the device must refuse. */
  readonly refusals: readonly string[];
  /** Where the registers come from. */
  readonly source: string;
}

const optionalText = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
};

const readExpected = (text: string, file: string): z.infer<typeof expectedPage> => {
  const refuse = (problem: string): never => {
    throw fault('PROFILE_FIXTURE_INVALID', { file, line: 1, problem });
  };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return refuse('it is not JSON');
  }
  const parsed = expectedPage.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`${issue?.path.join('.') ?? '$'}: ${issue?.message ?? 'not valid'}`);
};

const readFixture = async (folder: string, profile: string, name: string): Promise<Fixture> => {
  const file = (leaf: string) => join(folder, profile, name, leaf);
  const [registers, expected, refusals, source] = await Promise.all([
    readFile(file('registers.hex'), 'utf8'),
    readFile(file('expected.json'), 'utf8'),
    optionalText(file('error.txt')),
    readFile(file('source.md'), 'utf8'),
  ]);
  const { channel, values } = readExpected(expected, `${profile}/${name}/expected.json`);
  return {
    name: `${profile}/${name}`,
    profile,
    image: readRegisterImage(registers, `${profile}/${name}/registers.hex`),
    channel,
    expected: values,
    refusals: refusals.split('\n').filter((line) => line !== ''),
    source,
  };
};

const foldersOf = async (folder: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
};

/** The fixtures of one profile; none when it has no folder. Rejects with `PROFILE_FIXTURE_INVALID`, or when a file is absent. */
export const readFixtures = async (folder: string, profile: string): Promise<readonly Fixture[]> =>
  Promise.all((await foldersOf(join(folder, profile))).map((name) => readFixture(folder, profile, name)));

export interface FixtureLine {
  readonly what: string;
  readonly expected: string;
  readonly read: string;
  readonly agrees: boolean;
}

const said = (value: number | null | undefined): string =>
  value === undefined ? 'nothing said' : value === null ? 'missing' : value.toString();

/** Reads a fixture as the gateway would, and compares: every quantity of the profile, then every request refused. */
export const runFixture = (profile: DeviceProfile, { image, channel, expected, refusals }: Fixture): readonly FixtureLine[] => {
  const reading = replay(profile, image, channel);
  const strangers = QUANTITY_NAMES.filter((quantity) => expected[quantity] !== undefined && !reading.values.has(quantity));
  const values = [...[...reading.values.keys()], ...strangers].map((quantity) => {
    const read = reading.values.get(quantity);
    return { what: quantity, expected: said(expected[quantity]), read: said(read), agrees: expected[quantity] === read };
  });
  const refused = [...new Set([...refusals, ...reading.refusals])].map((refusal) => {
    const [isExpected, isRead] = [refusals.includes(refusal), reading.refusals.includes(refusal)];
    return {
      what: refusal,
      expected: isExpected ? 'refused' : 'answered',
      read: isRead ? 'refused' : 'answered',
      agrees: isExpected === isRead,
    };
  });
  return [...values, ...refused];
};
