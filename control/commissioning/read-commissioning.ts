import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { AssetsRegistry } from '#contract/ports/registry.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { CommissionedDevice, CommissionedGateway, CommissioningAnswer } from '#contract/routes/commissioning.ts';
import type { DeclaredDevice } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { DeviceId, GatewayId, SiteId } from '#domain/identifiers.ts';
import type { FieldWatch } from '../reconcile/field-watch.ts';
import type { Blinks } from './blinks.ts';
import { bindingOfDevice } from './devices-content.ts';
import type { FieldInventory } from './field-inventory.ts';
import { meterPeriods } from './meter-periods.ts';
import { isMetered } from './metered-uses.ts';
import { canBlink, makerAndModel } from './profile-words.ts';

export interface ReadingMeans {
  readonly assets: Pick<AssetsRegistry, 'siteAssets'>;
  readonly commissioning: Pick<CommissioningRegistry, 'devicesOf'>;
  readonly watch: FieldWatch;
  readonly inventory: Pick<FieldInventory, 'fieldOf'>;
  readonly blinks: Pick<Blinks, 'lastOf'>;
  readonly store: Pick<TimeSeriesStore, 'series'>;
  readonly clock: Clock;
  readonly field: CommissioningAnswer['field'];
}

const boundOf = (assets: FieldAssets, gateway: GatewayId, device: DeviceId): CommissionedDevice['bound'] => {
  const binding = bindingOfDevice(assets, gateway, device);
  if (binding === null) return null;
  const since = formatInstant(binding.from);
  const light = assets.lightPoints.find((one) => one.gateway === gateway && one.device === device);
  return light === undefined
    ? { kind: 'point', point: binding.point, since }
    : { kind: 'light-point', lightPoint: light.id, label: light.label, since };
};

const deviceAnswer = (device: DeclaredDevice, assets: FieldAssets, means: ReadingMeans): CommissionedDevice => {
  const { gateway, device: id, profile } = device;
  const field = means.inventory.fieldOf(gateway);
  const isInForce = field?.buses.some(({ devices }) => devices.some((known) => known.device === id)) ?? false;
  const heard = means.watch.lastAvailabilityOf(gateway, id);
  const { maker, model } = makerAndModel(field, profile);
  return {
    ...device,
    model: field === null ? null : `${maker} ${model}`,
    state: isInForce ? (heard?.state ?? 'unknown') : 'waiting',
    why: isInForce ? (heard?.why ?? null) : null,
    canBlink: canBlink(field, profile),
    bound: boundOf(assets, gateway, id),
    blink: means.blinks.lastOf(gateway, id),
  };
};

const gatewayAnswer = async (id: GatewayId, assets: FieldAssets, means: ReadingMeans): Promise<CommissionedGateway> => {
  const declared = await means.commissioning.devicesOf(id);
  const field = means.inventory.fieldOf(id);
  const state = await means.watch.stateOf(id);
  const refused =
    state?.status.state === 'online' ? state.status.refused?.find(({ document }) => document === 'devices') : undefined;
  const applied = await means.watch.obedienceOf(id, 'devices');
  return {
    id,
    state: state?.state ?? 'unknown',
    since: state === null ? null : formatInstant(state.since),
    applied,
    why: applied === 'refused' ? (refused?.why ?? null) : null,
    buses:
      field?.buses.map(({ bus, kind, devicesFrom, devices }) => ({
        bus,
        kind,
        devicesFrom,
        devicesInForce: devices.length,
        devices: declared.filter((device) => device.bus === bus).map((device) => deviceAnswer(device, assets, means)),
      })) ?? null,
    profiles:
      field?.profiles.map(({ profile, channels }) => {
        const { maker, model } = makerAndModel(field, profile);
        return { profile, model: `${maker} ${model}`, channels: channels ?? null };
      }) ?? [],
  };
};

const lightPointAnswers = ({ lightPoints, plannedLightPoints }: FieldAssets): CommissioningAnswer['lightPoints'] => [
  ...plannedLightPoints.map(({ id, label }) => ({ id, label, device: null })),
  ...lightPoints.map(({ id, label, device }) => ({ id, label, device })),
];

/** One declared device of a site. Rejects with `DEVICE_NOT_DECLARED`. */
export const readDevice = async (
  site: SiteId,
  gateway: GatewayId,
  device: DeviceId,
  means: ReadingMeans,
): Promise<CommissionedDevice> => {
  const assets = await means.assets.siteAssets(site);
  const found = (await means.commissioning.devicesOf(gateway)).find((known) => known.device === device);
  if (assets === null || found === undefined) throw fault('DEVICE_NOT_DECLARED', { gateway, device });
  return deviceAnswer(found, assets, means);
};

/** A site as whoever commissions it reads it. Rejects with `NOT_FOUND`. */
export const readSite = async (site: SiteId, means: ReadingMeans): Promise<CommissioningAnswer> => {
  const assets = await means.assets.siteAssets(site);
  const [own] = assets?.sites ?? [];
  if (assets === null || own === undefined) throw fault('NOT_FOUND');
  const now = means.clock.civilNow();
  const gateways: CommissionedGateway[] = [];
  for (const { id } of assets.gateways) gateways.push(await gatewayAnswer(id, assets, means));
  const metered = assets.points.filter(isMetered);
  return {
    site,
    name: own.name,
    field: means.field,
    timeZone: own.zone,
    now: formatInstant(now),
    clockSpeed: means.clock.speed,
    gateways,
    lightPoints: lightPointAnswers(assets),
    points: await Promise.all(
      metered.map(async (point) => ({
        id: point.id,
        use: point.use,
        meters: [...(await meterPeriods(point, assets, now, means.store))],
      })),
    ),
  };
};
