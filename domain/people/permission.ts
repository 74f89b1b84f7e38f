import type { Instant } from '#domain/civil-time.ts';
import type { AccountId, DwellingId, SiteId } from '#domain/identifiers.ts';

/** Who acts. Staff and tenants never share a session, even for the same person. */
export type Role = 'technician' | 'landlord' | 'tenant' | 'admin';

export const PERMISSIONS = [
  'lighting.read',
  'lighting.override',
  'lighting.series',
  'building.read',
  'building.series',
  'dwelling.read',
  'dwelling.series',
  'platform.read',
  'field.commission',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A role held for an organisation over a scope: one of several caps a professional may wear. */
export type Hat =
  | { readonly role: 'technician' | 'landlord'; readonly organisation: string; readonly sites: readonly SiteId[] }
  | { readonly role: 'tenant'; readonly dwelling: DwellingId; readonly from: Instant; readonly to: Instant | null }
  | { readonly role: 'admin'; readonly organisation: string };

export interface Principal {
  readonly account: AccountId;
  readonly displayName: string;
  readonly session: string;
  readonly hats: readonly Hat[];
}

/** What is asked about. */
export type Resource =
  | { readonly kind: 'site'; readonly site: SiteId }
  | { readonly kind: 'dwelling'; readonly dwelling: DwellingId }
  | { readonly kind: 'platform' };

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  technician: ['lighting.read', 'lighting.override', 'lighting.series', 'field.commission'],
  landlord: ['building.read', 'building.series'],
  tenant: ['dwelling.read', 'dwelling.series'],
  admin: ['platform.read'],
};

const covers = (hat: Hat, resource: Resource, now: Instant): boolean => {
  switch (hat.role) {
    case 'technician':
    case 'landlord':
      return resource.kind === 'site' && hat.sites.includes(resource.site);
    case 'tenant':
      return (
        resource.kind === 'dwelling' && hat.dwelling === resource.dwelling && hat.from <= now && (hat.to === null || now < hat.to)
      );
    case 'admin':
      return resource.kind === 'platform';
  }
};

/** The one rule that every route uses. Deny by default: a hat must hold the permission and cover the resource. */
export const isPermitted = (principal: Principal, permission: Permission, resource: Resource, now: Instant): boolean =>
  principal.hats.some((hat) => ROLE_PERMISSIONS[hat.role].includes(permission) && covers(hat, resource, now));
