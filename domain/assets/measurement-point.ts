import type { Instant } from '../civil-time.ts';
import type { DeviceId, DwellingId, GatewayId, MeterId, PointId, SiteId } from '../identifiers.ts';

export const POINT_USES = [
  'cabinet-meter',
  'cabinet-controller',
  'light-point',
  'light-sensor',
  'presence-sensor',
  'common-parts',
  'dwelling',
  'relays',
] as const;
export type PointUse = (typeof POINT_USES)[number];

/** Where something is measured, for as long as the place exists: meters and gateways change, the series goes on. */
export interface MeasurementPoint {
  readonly id: PointId;
  readonly site: SiteId;
  readonly use: PointUse;
  /** A dwelling's readings are personal. */
  readonly privacy: 'operational' | 'dwelling';
  /** Set when, and only when, its privacy is `dwelling`. */
  readonly dwelling: DwellingId | null;
}

/** Which meter and which gateway give a measurement point its readings, by dates. */
export interface MeasurementBinding {
  readonly point: PointId;
  /** Null where readings come from no meter: a controller, a sensor. */
  readonly meter: MeterId | null;
  readonly gateway: GatewayId;
  readonly device: DeviceId;
  readonly from: Instant;
  /** Exclusive; null while it lasts. */
  readonly to: Instant | null;
}

/** An energy meter or the metering part of a control gear. */
export interface Meter {
  readonly id: MeterId;
  readonly site: SiteId;
  readonly maker: string;
  readonly model: string;
  /** 14 digits of the delivery point (PRM) it counts for; null for a submeter. */
  readonly deliveryPoint: string | null;
}

/** A light, presence or air sensor. */
export interface Sensor {
  readonly id: DeviceId;
  readonly site: SiteId;
  readonly measures: 'light' | 'presence';
  readonly label: string;
  readonly fictitious: boolean;
  readonly point: PointId;
}

/** Overlaps are two truths: at most one binding of a point at any instant. */
export const overlappingBinding = (bindings: readonly MeasurementBinding[]): MeasurementBinding | null => {
  const ordered = bindings.toSorted((a, b) => (a.point < b.point ? -1 : a.point > b.point ? 1 : a.from - b.from));
  for (const [index, binding] of ordered.entries()) {
    const before = ordered[index - 1];
    if (before?.point === binding.point && (before.to === null || before.to > binding.from)) return binding;
  }
  return null;
};
