import { isIdentifier, type SiteId, siteId } from '#domain/identifiers.ts';
import type { Hat } from '#domain/people/permission.ts';
import { invalidOption, readOptions } from './read-options.ts';
import { REGISTRY_PLACE_HELP, type RegistryPlace, registryPlaceOf } from './registry-place.ts';

/** What `npm run axone -- user create` is told. */
export interface UserOptions {
  readonly place: RegistryPlace;
  readonly email: string;
  readonly displayName: string;
  readonly hat: Exclude<Hat, { readonly role: 'tenant' }>;
}

export const USER_HELP = `npm run axone -- user create (--config FILE | --registry FILE|ADDRESS) --role ROLE --email ADDRESS [--name NAME] [--organisation NAME] [--site SITE]…
  Makes a staff account; its password is asked, or read from standard input.
${REGISTRY_PLACE_HELP}
  --role      admin, technician (its lighting sites) or landlord (its buildings)`;

const sitesOf = (names: readonly string[]): readonly SiteId[] =>
  names.map((name) => {
    if (!isIdentifier(name)) throw invalidOption('--site', `"${name}" is not an identifier`, 'Write --site site-republique');
    return siteId(name);
  });

/** Throws OPTION_INVALID, naming the option. */
export const parseUserOptions = (argv: readonly string[]): UserOptions => {
  const given = parseUserArguments(argv);
  const { role, email, name, organisation, site = [] } = given;
  const place = registryPlaceOf(given);
  if (email === undefined) throw invalidOption('--email', 'it is missing', 'Write --email you@example.org');
  const scope = { organisation: organisation ?? 'USEDA' };
  const common = { place, email, displayName: name ?? email };
  switch (role) {
    case 'admin':
      return { ...common, hat: { role, ...scope } };
    case 'technician':
    case 'landlord': {
      if (site.length === 0) throw invalidOption('--site', `a ${role} needs at least one`, 'Write --site site-republique');
      return { ...common, hat: { role, ...scope, sites: sitesOf(site) } };
    }
    default:
      throw invalidOption('--role', `"${role ?? ''}" is not a role of staff`, 'Write --role admin, technician or landlord');
  }
};

const parseUserArguments = (argv: readonly string[]) =>
  readOptions(
    argv,
    {
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        registry: { type: 'string' },
        'password-file': { type: 'string' },
        role: { type: 'string' },
        email: { type: 'string' },
        name: { type: 'string' },
        organisation: { type: 'string' },
        site: { type: 'string', multiple: true },
      },
    },
    'npm run axone -- help',
  ).values;
