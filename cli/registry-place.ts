import { resolve } from 'node:path';
import { invalidOption } from './read-options.ts';

type RegistryChoice =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'postgresql'; readonly url: string; readonly passwordFile?: string };

/** Where the registry is: named itself (a file, or a database), or by the platform's configuration. */
export type RegistryPlace =
  | { readonly kind: 'registry'; readonly choice: RegistryChoice }
  | { readonly kind: 'config'; readonly file: string; readonly data: string | null };

export interface RegistryPlaceOptions {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly registry?: string | undefined;
  readonly 'password-file'?: string | undefined;
}

export const REGISTRY_PLACE_HELP = `  --config    the file of your field; --data FOLDER when its data are elsewhere
  --registry  the registry itself, when services run apart: its file (AXONE_REGISTRY_FILE), or its database
              (AXONE_POSTGRESQL_URL) with --password-file FILE`;

const choiceOf = (registry: string, passwordFile: string | undefined): RegistryChoice => {
  if (/^postgres(ql)?:/.test(registry))
    return { kind: 'postgresql', url: registry, ...(passwordFile === undefined ? {} : { passwordFile: resolve(passwordFile) }) };
  if (passwordFile !== undefined) throw invalidOption('--password-file', 'a file of SQLite has no password', 'Leave it out');
  return { kind: 'sqlite', file: resolve(registry) };
};

/** Throws OPTION_INVALID, naming the option. */
export const registryPlaceOf = (options: RegistryPlaceOptions): RegistryPlace => {
  const { config, registry, data, 'password-file': passwordFile } = options;
  if (registry !== undefined) {
    if (config !== undefined || data !== undefined)
      throw invalidOption('--registry', 'it already says where the registry is', 'Leave --config and --data out');
    return { kind: 'registry', choice: choiceOf(registry, passwordFile) };
  }
  if (passwordFile !== undefined)
    throw invalidOption('--password-file', 'there is no --registry', 'Name the database with --registry');
  if (config === undefined)
    throw invalidOption(
      '--config',
      'it is missing',
      'Name the file of your field, such as --config site.yaml, or --registry FILE',
    );
  return { kind: 'config', file: config, data: data ?? null };
};
