/**
 * Stable identifiers: lower-case letters, digits and hyphens, meaningless to the law (no name, no address).
 * Branded, so that a meter cannot be given for a dwelling.
 */
declare const kind: unique symbol;
type Identifier<K extends string> = string & { readonly [kind]: K };

export type SiteId = Identifier<'site'>;
export type CabinetId = Identifier<'cabinet'>;
export type CircuitId = Identifier<'circuit'>;
export type LightPointId = Identifier<'light-point'>;
export type GroupId = Identifier<'group'>;
export type MeterId = Identifier<'meter'>;
export type DwellingId = Identifier<'dwelling'>;
export type PointId = Identifier<'measurement-point'>;
export type GatewayId = Identifier<'gateway'>;
export type DeviceId = Identifier<'device'>;
export type AccountId = Identifier<'account'>;

/** 1 to 64 characters; begins with a letter or digit; no two hyphens in a row, none at the end. */
export const IDENTIFIER_PATTERN = /^(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const isIdentifier = (text: string): boolean => IDENTIFIER_PATTERN.test(text);

const identifier =
  <K extends string>(name: K) =>
  (text: string): Identifier<K> => {
    if (!isIdentifier(text))
      throw new RangeError(`"${text}" is not a ${name} identifier: use lower-case letters, digits and single hyphens`);
    return text as Identifier<K>;
  };

export const siteId = identifier('site');
export const cabinetId = identifier('cabinet');
export const circuitId = identifier('circuit');
export const lightPointId = identifier('light-point');
export const groupId = identifier('group');
export const meterId = identifier('meter');
export const dwellingId = identifier('dwelling');
export const pointId = identifier('measurement-point');
export const gatewayId = identifier('gateway');
export const deviceId = identifier('device');
export const accountId = identifier('account');
