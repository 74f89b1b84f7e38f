import type { DevicesDocument } from '#contract/messages/documents.ts';
import { type DeclaredDevice, openBinding } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { MeasurementBinding } from '#domain/assets/measurement-point.ts';
import type { DeviceId, GatewayId } from '#domain/identifiers.ts';

type DevicesContent = Omit<DevicesDocument, 'revision' | 'hash'>;

/** What gives a device's readings their point now. */
export const bindingOfDevice = (
  { bindings }: Pick<FieldAssets, 'bindings'>,
  gateway: GatewayId,
  device: DeviceId,
): MeasurementBinding | null =>
  bindings.find((binding) => binding.gateway === gateway && binding.device === device && binding.to === null) ?? null;

/** Of a dwelling nothing is ever written. */
const entryOf = ({ gateway, device, profile, unitId, channel }: DeclaredDevice, assets: FieldAssets) => {
  const bound = bindingOfDevice(assets, gateway, device);
  const point = assets.points.find(({ id }) => id === bound?.point);
  const privacy = point?.privacy ?? 'operational';
  return {
    device,
    profile,
    unitId,
    ...(channel === null ? {} : { channel }),
    ...(point === undefined || openBinding(assets.bindings, point.id)?.device !== device ? {} : { point: point.id }),
    privacy,
    readOnly: privacy === 'dwelling',
  };
};

/** The devices of the buses that a gateway leaves to the centre. */
export const devicesContent = (declared: readonly DeclaredDevice[], assets: FieldAssets): DevicesContent => ({
  buses: [...Map.groupBy(declared, ({ bus }) => bus)].map(([bus, devices]) => ({
    bus,
    devices: devices.map((device) => entryOf(device, assets)),
  })),
  groups: [],
  profiles: {},
});
