import { invalidOption, readOptions } from '../read-options.ts';

/** What `npm run axone -- backup` and `restore` are told. */
export interface BackupOptions {
  /** Folder of the archives. */
  readonly folder: string;
  /** The platform's file, its data perhaps elsewhere; null: the variables of control say where registry and store are. */
  readonly configuration: { readonly file: string; readonly data: string | null } | null;
}

export const BACKUP_HELP = `npm run axone -- backup --to FOLDER [--config FILE [--data FOLDER]]
  Writes registry.jsonl.gz and series.jsonl.gz while the platform runs. They hold secrets' hashes and what flats measured: keep them closed.
npm run axone -- restore --from FOLDER [--config FILE [--data FOLDER]]
  Fills a new registry and a new store from them, whatever engines they came from. The platform is stopped.
  Without --config, the variables of control say where registry and store are.`;

/** Throws OPTION_INVALID, naming the option. `direction`: the option that names the folder. */
export const parseBackupOptions = (argv: readonly string[], direction: 'to' | 'from'): BackupOptions => {
  const text = { type: 'string' } as const;
  const options = { [direction]: text, config: text, data: text };
  const {
    config,
    data,
    [direction]: folder,
  } = readOptions(argv, { options }, 'npm run axone -- backup').values as {
    readonly [option in 'to' | 'from' | 'config' | 'data']?: string;
  };
  if (folder === undefined) throw invalidOption(`--${direction}`, 'it is missing', `Write --${direction} FOLDER`);
  if (config === undefined && data !== undefined)
    throw invalidOption('--data', 'there is no --config', 'Write --config FILE too');
  return { folder, configuration: config === undefined ? null : { file: config, data: data ?? null } };
};
