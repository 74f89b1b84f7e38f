import { join } from 'node:path';
import { fault } from '#contract/errors.ts';
import { isIdentifier } from '#domain/identifiers.ts';
import { invalidOption, readOptions } from './read-options.ts';

/** What `npm run axone -- profile` is told. */
export interface ProfileOptions {
  readonly action: 'check' | 'test' | 'new';
  /** Names of profiles or files of pages. */
  readonly names: readonly string[];
  readonly folders: { readonly profiles: string; readonly fixtures: string };
}

export const PROFILE_HELP = `npm run axone -- profile check [NAME|FILE…] each problem with its file, line and rule (all without a name)
npm run axone -- profile test [NAME|FILE…]  its sets of registers, read as the gateway reads them (all without a name)
npm run axone -- profile new NAME           a page and a set of registers to fill in
  --profiles FOLDER   where pages are, gateway/profiles
  --fixtures FOLDER   where sets of registers are, test/fixtures/modbus
  docs/add-a-device.md goes through it.`;

const parse = (parameters: readonly string[]) =>
  readOptions(
    parameters,
    {
      allowPositionals: true,
      options: { profiles: { type: 'string' }, fixtures: { type: 'string' } },
    },
    'profile --help',
  );

const actionOf = (action: string | undefined): ProfileOptions['action'] => {
  if (action === 'check' || action === 'test' || action === 'new') return action;
  throw fault('COMMAND_UNKNOWN', {
    command: `profile ${action ?? ''}`.trim(),
    known: 'profile check, profile test, profile new',
  });
};

/** Throws `COMMAND_UNKNOWN` or `OPTION_INVALID`. `root` holds the folders when they are not named. */
export const parseProfileOptions = (parameters: readonly string[], root: string): ProfileOptions => {
  const { positionals, values } = parse(parameters);
  const [first, ...names] = positionals;
  const action = actionOf(first);
  if (action === 'new' && (names.length !== 1 || !isIdentifier(names[0] ?? '')))
    throw invalidOption('NAME', 'one name is wanted, in small letters, digits and hyphens', 'Write profile new maker-model');
  return {
    action,
    names,
    folders: {
      profiles: values.profiles ?? join(root, 'gateway/profiles'),
      fixtures: values.fixtures ?? join(root, 'test/fixtures/modbus'),
    },
  };
};
