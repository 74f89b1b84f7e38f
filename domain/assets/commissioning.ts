import type { Instant } from '../civil-time.ts';
import type { DeviceId, GatewayId, LightPointId, MeterId, PointId } from '../identifiers.ts';
import type { FieldAssets } from './field-assets.ts';
import type { LightPoint, PlannedLightPoint } from './light-point.ts';
import type { MeasurementBinding } from './measurement-point.ts';

/** A device on a bus whose devices the centre says, whether or not it is bound to something. */
export interface DeclaredDevice {
  readonly gateway: GatewayId;
  readonly bus: string;
  readonly device: DeviceId;
  readonly profile: string;
  /** Modbus address, 1 to 247. */
  readonly unitId: number;
  /** Which one behind the unit, from 0; null for a profile without channels. */
  readonly channel: number | null;
}

export const isSameAddress = (
  a: Pick<DeclaredDevice, 'bus' | 'unitId' | 'channel'>,
  b: Pick<DeclaredDevice, 'bus' | 'unitId' | 'channel'>,
): boolean => a.bus === b.bus && a.unitId === b.unitId && a.channel === b.channel;

/** What a person at the pole or at the meter did. */
export type CommissioningAct =
  | {
      readonly kind: 'light-point-bound';
      readonly lightPoint: LightPointId;
      readonly gateway: GatewayId;
      readonly device: DeviceId;
      readonly shortAddress: number;
      readonly at: Instant;
    }
  | { readonly kind: 'light-point-released'; readonly lightPoint: LightPointId; readonly at: Instant }
  /** The first meter of a point, or its next one: the former ends at the same instant. */
  | {
      readonly kind: 'meter-bound';
      readonly point: PointId;
      readonly meter: MeterId;
      readonly maker: string;
      readonly model: string;
      readonly gateway: GatewayId;
      readonly device: DeviceId;
      readonly at: Instant;
    }
  /** Undoes the last one: the former meter goes on as if nothing had happened. */
  | { readonly kind: 'meter-released'; readonly point: PointId; readonly at: Instant };

type Bindings = readonly MeasurementBinding[];

export const openBinding = (bindings: Bindings, point: PointId): MeasurementBinding | null =>
  bindings.find((binding) => binding.point === point && binding.to === null) ?? null;

const replaced = (bindings: Bindings, former: MeasurementBinding, next: readonly MeasurementBinding[]): Bindings => [
  ...bindings.filter((binding) => binding !== former),
  ...next,
];

/** At its own beginning a binding ends as if it had never been. */
const ended = (bindings: Bindings, point: PointId, at: Instant): Bindings => {
  const former = openBinding(bindings, point);
  if (former === null) return bindings;
  return replaced(bindings, former, former.from < at ? [{ ...former, to: at }] : []);
};

const plannedFrom = ({ gateway: _gateway, device: _device, shortAddress: _address, ...planned }: LightPoint): PlannedLightPoint =>
  planned;

const bindLight = (assets: FieldAssets, act: CommissioningAct & { kind: 'light-point-bound' }): FieldAssets | null => {
  const { lightPoint: id, gateway, device, shortAddress, at } = act;
  const fitted = assets.lightPoints.find((light) => light.id === id);
  const planned = fitted === undefined ? assets.plannedLightPoints.find((light) => light.id === id) : plannedFrom(fitted);
  if (planned === undefined) return null;
  const { point } = planned;
  const former = openBinding(assets.bindings, point);
  if (former !== null && former.from > at) return null;
  return {
    ...assets,
    plannedLightPoints: assets.plannedLightPoints.filter((light) => light.id !== id),
    lightPoints: [...assets.lightPoints.filter((light) => light.id !== id), { ...planned, gateway, device, shortAddress }],
    bindings: [...ended(assets.bindings, point, at), { point, meter: null, gateway, device, from: at, to: null }],
  };
};

const releaseLight = (assets: FieldAssets, { lightPoint: id, at }: CommissioningAct & { kind: 'light-point-released' }) => {
  const fitted = assets.lightPoints.find((light) => light.id === id);
  if (fitted === undefined) return null;
  return {
    ...assets,
    plannedLightPoints: [...assets.plannedLightPoints, plannedFrom(fitted)],
    lightPoints: assets.lightPoints.filter((light) => light.id !== id),
    bindings: ended(assets.bindings, fitted.point, at),
  };
};

const bindMeter = (assets: FieldAssets, act: CommissioningAct & { kind: 'meter-bound' }): FieldAssets | null => {
  const { point: id, meter, maker, model, gateway, device, at } = act;
  const point = assets.points.find((known) => known.id === id);
  const latest = assets.bindings.filter((binding) => binding.point === id).toSorted((a, b) => b.from - a.from)[0];
  if (point === undefined || (latest !== undefined && (latest.from >= at || (latest.to ?? at) > at))) return null;
  const isKnown = assets.meters.some((known) => known.id === meter);
  return {
    ...assets,
    meters: isKnown ? assets.meters : [...assets.meters, { id: meter, site: point.site, maker, model, deliveryPoint: null }],
    bindings: [...ended(assets.bindings, id, at), { point: id, meter, gateway, device, from: at, to: null }],
  };
};

const releaseMeter = (assets: FieldAssets, { point }: CommissioningAct & { kind: 'meter-released' }): FieldAssets | null => {
  const last = openBinding(assets.bindings, point);
  if (last === null) return null;
  const former = assets.bindings.find((binding) => binding.point === point && binding.to === last.from);
  const without = assets.bindings.filter((binding) => binding !== last);
  return {
    ...assets,
    bindings: former === undefined ? without : replaced(without, former, [{ ...former, to: null }]),
  };
};

/** The assets after an act, or null when it no longer means anything: its object is gone, or something later was written. */
export const afterAct = (assets: FieldAssets, act: CommissioningAct): FieldAssets | null => {
  switch (act.kind) {
    case 'light-point-bound':
      return bindLight(assets, act);
    case 'light-point-released':
      return releaseLight(assets, act);
    case 'meter-bound':
      return bindMeter(assets, act);
    case 'meter-released':
      return releaseMeter(assets, act);
  }
};

/** Assets that were written without what was commissioned since; an act that no longer means anything is passed over. */
export const withActs = (assets: FieldAssets, acts: readonly CommissioningAct[]): FieldAssets =>
  acts.reduce((standing, act) => afterAct(standing, act) ?? standing, assets);
