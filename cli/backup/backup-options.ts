import { parseArgs } from 'node:util';
import { fault, reasonOf } from '#contract/errors.ts';

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
  const { config, data, [direction]: folder } = parseArguments(argv, direction);
  if (folder === undefined)
    throw fault('OPTION_INVALID', {
      option: `--${direction}`,
      problem: 'it is missing',
      expected: `Write --${direction} FOLDER`,
    });
  if (config === undefined && data !== undefined)
    throw fault('OPTION_INVALID', { option: '--data', problem: 'there is no --config', expected: 'Write --config FILE too' });
  return { folder, configuration: config === undefined ? null : { file: config, data: data ?? null } };
};

const parseArguments = (argv: readonly string[], direction: 'to' | 'from') => {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...argv], options: { [direction]: text, config: text, data: text } }).values as {
      readonly [option in 'to' | 'from' | 'config' | 'data']?: string;
    };
  } catch (thrown) {
    throw fault('OPTION_INVALID', { option: argv.join(' '), problem: reasonOf(thrown), expected: BACKUP_HELP }, thrown);
  }
};
