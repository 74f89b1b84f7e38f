import { describe, expect, it } from 'vitest';
import { instant } from '#domain/civil-time.ts';
import { accountId, dwellingId, siteId } from '#domain/identifiers.ts';
import { type Hat, isPermitted, PERMISSIONS, type Permission, type Resource } from '#domain/people/permission.ts';

const NOW = instant(1_000);
const own = siteId('site-own');
const home = dwellingId('dwelling-own');

const hats = {
  technician: { role: 'technician', organisation: 'USEDA', sites: [own] },
  landlord: { role: 'landlord', organisation: 'OPAL', sites: [own] },
  tenant: { role: 'tenant', dwelling: home, from: instant(0), to: null },
  admin: { role: 'admin', organisation: 'USEDA' },
} as const satisfies Record<string, Hat>;

const resources: Readonly<Record<string, Resource>> = {
  'their own site': { kind: 'site', site: own },
  'another site': { kind: 'site', site: siteId('site-other') },
  'their own dwelling': { kind: 'dwelling', dwelling: home },
  'another dwelling': { kind: 'dwelling', dwelling: dwellingId('dwelling-other') },
  'the platform': { kind: 'platform' },
};

/** The whole of what is allowed; every other pair of role, permission and resource is refused. */
const ALLOWED: Readonly<Record<keyof typeof hats, { readonly on: string; readonly permissions: readonly Permission[] }>> = {
  technician: {
    on: 'their own site',
    permissions: ['lighting.read', 'lighting.override', 'lighting.series', 'field.commission'],
  },
  landlord: { on: 'their own site', permissions: ['building.read', 'building.series'] },
  tenant: { on: 'their own dwelling', permissions: ['dwelling.read', 'dwelling.series'] },
  admin: { on: 'the platform', permissions: ['platform.read'] },
};

const principalWith = (...worn: readonly Hat[]) => ({
  account: accountId('account-a'),
  displayName: 'A',
  session: 'session-a',
  hats: worn,
});

describe.each(Object.keys(hats) as (keyof typeof hats)[])('a %s', (role) => {
  it.each(Object.keys(resources))('may on %s what is written, and nothing else', (name) => {
    const resource = resources[name];
    if (resource === undefined) throw new Error(name);
    const allowed = PERMISSIONS.filter((permission) => isPermitted(principalWith(hats[role]), permission, resource, NOW));
    expect(allowed).toEqual(ALLOWED[role].on === name ? ALLOWED[role].permissions : []);
  });
});

describe('a person', () => {
  it('without a hat may nothing', () => {
    for (const permission of PERMISSIONS)
      for (const resource of Object.values(resources))
        expect(isPermitted(principalWith(), permission, resource, NOW)).toBe(false);
  });

  it('who was a tenant sees nothing outside the dates of the tenancy', () => {
    const past = principalWith({ ...hats.tenant, from: instant(500), to: instant(1_000) });
    const dwelling: Resource = { kind: 'dwelling', dwelling: home };
    expect([499, 500, 999, 1_000].map((at) => isPermitted(past, 'dwelling.read', dwelling, instant(at)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('with two hats has the rights of each, not their mixture', () => {
    const other = siteId('site-other');
    const both = principalWith(hats.technician, { ...hats.landlord, sites: [other] });
    expect(isPermitted(both, 'building.read', { kind: 'site', site: other }, NOW)).toBe(true);
    expect(isPermitted(both, 'building.read', { kind: 'site', site: own }, NOW)).toBe(false);
    expect(isPermitted(both, 'lighting.override', { kind: 'site', site: other }, NOW)).toBe(false);
  });
});
