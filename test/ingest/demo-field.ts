import type { HousingAssets } from '#contract/ports/housing-registry.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementPoint } from '#domain/assets/measurement-point.ts';
import { type Instant, parseInstant, timeZone } from '#domain/civil-time.ts';
import {
  type DeviceId,
  deviceId,
  dwellingId,
  type GatewayId,
  gatewayId,
  type PointId,
  pointId,
  siteId,
} from '#domain/identifiers.ts';

export const republique = gatewayId('gateway-republique');
export const tilleuls = gatewayId('gateway-tilleuls');
const street = siteId('site-republique');
const building = siteId('site-tilleuls');
const zone = timeZone('Europe/Paris');
const from = parseInstant('2026-01-01T00:00:00Z');
/** From here on the meter of the square answers to the other gateway. */
export const MOVED_AT = parseInstant('2026-06-01T00:00:00Z');

const operational = (id: string, site: typeof street): MeasurementPoint => ({
  id: pointId(id),
  site,
  use: site === street ? 'cabinet-meter' : 'common-parts',
  privacy: 'operational',
  dwelling: null,
});
const flat = (number: string): MeasurementPoint => ({
  id: pointId(`point-tilleuls-d${number}`),
  site: building,
  use: 'dwelling',
  privacy: 'dwelling',
  dwelling: dwellingId(`dwelling-tilleuls-${number}`),
});
const binding = (point: string, gateway: GatewayId, since: Instant = from, to: Instant | null = null) => ({
  point: pointId(point),
  meter: null,
  gateway,
  device: deviceId(point.replace('point', 'meter')) satisfies DeviceId,
  from: since,
  to,
});

/** A street of two points, a building of two flats, and a point that changed its gateway. */
export const demoField: FieldAssets = {
  sites: [
    { id: street, kind: 'lighting', name: 'Rue de la République', position: { latitude: 49.564, longitude: 3.62 }, zone },
    { id: building, kind: 'building', name: 'Les Tilleuls', position: { latitude: 49.56, longitude: 3.62 }, zone },
  ],
  gateways: [
    { id: republique, site: street },
    { id: tilleuls, site: building },
  ],
  cabinets: [],
  circuits: [],
  luminaireModels: [],
  lightPoints: [],
  plannedLightPoints: [],
  groups: [],
  meters: [],
  sensors: [],
  points: [
    operational('point-republique-meter', street),
    operational('point-republique-square', street),
    operational('point-tilleuls-commons', building),
    flat('06'),
    flat('07'),
  ],
  bindings: [
    binding('point-republique-meter', republique),
    binding('point-republique-square', republique, from, MOVED_AT),
    binding('point-republique-square', tilleuls, MOVED_AT),
    binding('point-tilleuls-commons', tilleuls),
    binding('point-tilleuls-d06', tilleuls),
    binding('point-tilleuls-d07', tilleuls),
  ],
};

const dwelling = (number: string) => ({
  id: dwellingId(`dwelling-tilleuls-${number}`),
  site: building,
  label: `Appartement ${Number(number)}`,
  floor: '1',
  point: pointId(`point-tilleuls-d${number}`) satisfies PointId,
});
const tenancy = (number: string) => ({
  id: `tenancy-${number}`,
  dwelling: dwellingId(`dwelling-tilleuls-${number}`),
  tenant: `Locataire ${Number(number)}`,
  from,
  to: null,
});

/** Since when the tenant of flat 7 lets half-hours be seen. */
export const CONSENT_FROM = parseInstant('2026-11-01T00:00:00Z');

export const demoHousing: HousingAssets = {
  dwellings: [dwelling('06'), dwelling('07')],
  tenancies: [tenancy('06'), tenancy('07')],
  consents: [{ dwelling: dwellingId('dwelling-tilleuls-07'), displayGrain: '30min', from: CONSENT_FROM, to: null }],
  tariffChoices: [],
};
