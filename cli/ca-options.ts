import { fault } from '#contract/errors.ts';
import { invalidOption, readOptions } from './read-options.ts';

/** What `npm run axone -- ca` is told. Folders and files as they were written. */
export type CaOptions =
  | { readonly action: 'init'; readonly folder: string; readonly name: string }
  | { readonly action: 'claim' | 'revoke'; readonly folder: string; readonly name: string }
  | { readonly action: 'request'; readonly out: string; readonly name: string; readonly renew: boolean }
  | { readonly action: 'enrol'; readonly out: string; readonly name: string; readonly at: string }
  | { readonly action: 'sign'; readonly folder: string; readonly file: string; readonly out: string | null }
  | { readonly action: 'server'; readonly folder: string; readonly out: string; readonly hosts: readonly string[] }
  | { readonly action: 'list'; readonly folder: string }
  | { readonly action: 'answer'; readonly folder: string };

export const CA_HELP = `npm run axone -- ca init --folder FOLDER [--name NAME]     an authority of your own
npm run axone -- ca server HOST… --folder FOLDER --out FOLDER   key and certificate of a broker, 365 days
npm run axone -- ca claim NAME --folder FOLDER            a claim for a gateway, control or ingest: once, within 24 hours
npm run axone -- ca enrol NAME --at ADDRESS --out FOLDER  on the gateway: its key, and its certificate from a platform that has an authority
npm run axone -- ca request NAME --out FOLDER             on the machine itself: its key, and its request with the claim that is asked
npm run axone -- ca request NAME --out FOLDER --renew     the same key asks again, while its certificate is in force
npm run axone -- ca sign FILE --folder FOLDER [--out FILE]  the certificate that a request asks, 90 days
npm run axone -- ca answer --folder FOLDER                what gateways ask over the broker to renew, until it is stopped (AXONE_MQTT_…)
npm run axone -- ca revoke NAME --folder FOLDER           all its certificates; then give revoked.pem to the broker
npm run axone -- ca list --folder FOLDER                  what was given`;

const ACTIONS = 'ca init, ca server, ca claim, ca enrol, ca request, ca sign, ca answer, ca revoke, ca list';

const parse = (parameters: readonly string[]) =>
  readOptions(
    parameters,
    {
      allowPositionals: true,
      options: {
        folder: { type: 'string' },
        out: { type: 'string' },
        at: { type: 'string' },
        name: { type: 'string' },
        renew: { type: 'boolean' },
      },
    },
    'ca --help',
  );

const wanted = (value: string | undefined, option: string, example: string): string => {
  if (value === undefined || value === '') throw invalidOption(option, 'it is missing', `Write ${example}`);
  return value;
};

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** A claim never travels in clear, except inside one machine. */
const platformAddress = (value: string | undefined): string => {
  const text = wanted(value, '--at', '--at https://axone.example, where the platform is');
  const address = URL.parse(text);
  if (address === null) throw invalidOption('--at', `${text} is not an address`, 'Write --at https://axone.example');
  if (address.protocol !== 'https:' && !(address.protocol === 'http:' && LOOPBACK.includes(address.hostname)))
    throw invalidOption('--at', 'the claim would travel in clear', 'Write an address that begins with https://');
  return address.origin;
};

/** Throws `COMMAND_UNKNOWN` or `OPTION_INVALID`. */
export const parseCaOptions = (parameters: readonly string[]): CaOptions => {
  const { positionals, values } = parse(parameters);
  const [action = '', ...given] = positionals;
  const folder = () => wanted(values.folder, '--folder', '--folder authority, where the authority is');
  const out = () => wanted(values.out, '--out', '--out FOLDER, where the files go');
  const one = (option: string, example: string): string => {
    if (given.length > 1) throw invalidOption(option, `only one is wanted and ${given.length} were written`, `Write ${example}`);
    return wanted(given[0], option, example);
  };
  switch (action) {
    case 'init':
      return { action, folder: folder(), name: values.name ?? 'Axone authority' };
    case 'claim':
    case 'revoke':
      return { action, folder: folder(), name: one('NAME', `ca ${action} gateway-mairie`) };
    case 'enrol':
      return { action, out: out(), name: one('NAME', 'ca enrol gateway-mairie'), at: platformAddress(values.at) };
    case 'request':
      return { action, out: out(), name: one('NAME', 'ca request gateway-mairie'), renew: values.renew ?? false };
    case 'sign':
      return { action, folder: folder(), file: one('FILE', 'ca sign request.pem'), out: values.out ?? null };
    case 'server':
      wanted(given[0], 'HOST', 'ca server broker.example 192.0.2.7');
      return { action, folder: folder(), out: out(), hosts: given };
    case 'list':
    case 'answer':
      return { action, folder: folder() };
    default:
      throw fault('COMMAND_UNKNOWN', { command: `ca ${action}`.trim(), known: ACTIONS });
  }
};
