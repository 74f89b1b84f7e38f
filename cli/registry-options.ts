import { invalidOption, readOptions } from './read-options.ts';
import { REGISTRY_PLACE_HELP, type RegistryPlace, registryPlaceOf } from './registry-place.ts';

/** What `npm run axone -- registry back` is told. */
export interface RegistryBackOptions {
  readonly place: RegistryPlace;
  /** Version of the schema to go back to. */
  readonly to: number;
}

export const REGISTRY_HELP = `npm run axone -- registry back --to VERSION (--config FILE | --registry FILE|ADDRESS)
  Takes the schema of a registry back, for the programme of that version. What only later versions knew is lost: copy it first.
${REGISTRY_PLACE_HELP}`;

/** Throws OPTION_INVALID, naming the option. */
export const parseRegistryBackOptions = (argv: readonly string[]): RegistryBackOptions => {
  const { to, ...place } = parseRegistryArguments(argv);
  if (to === undefined || !/^\d{1,4}$/.test(to))
    throw invalidOption(
      '--to',
      to === undefined ? 'it is missing' : `"${to}" is not a version`,
      'Write --to 2: REGISTRY_NOT_MIGRATED and DATA_FOLDER_NEWER name the version that a programme needs',
    );
  return { place: registryPlaceOf(place), to: Number(to) };
};

const TEXT = { type: 'string' } as const;

const parseRegistryArguments = (argv: readonly string[]) =>
  readOptions(
    argv,
    { options: { to: TEXT, config: TEXT, data: TEXT, registry: TEXT, 'password-file': TEXT } },
    'npm run axone -- registry',
  ).values;
