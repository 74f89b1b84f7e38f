import { fault } from '#contract/errors.ts';
import type { Field } from '#contract/messages/field.ts';
import { type DeclaredDevice, isSameAddress } from '#domain/assets/commissioning.ts';
import { type DeviceId, deviceId, type GatewayId } from '#domain/identifiers.ts';

export interface FoundDevice {
  readonly device?: DeviceId | undefined;
  readonly profile: string;
  readonly unitId: number;
  readonly channel: number | null;
}

const nameOf = (bus: string, { unitId, channel }: FoundDevice): DeviceId =>
  deviceId(`${bus.slice(0, 48)}-${unitId}${channel === null ? '' : `-${channel}`}`);

const requireBus = (gateway: GatewayId, bus: string, { buses }: Field): void => {
  const owner = buses.find((known) => known.bus === bus)?.devicesFrom;
  if (owner === undefined) throw fault('OBJECT_NOT_HERE', { object: `bus ${bus}` });
  if (owner === 'file') throw fault('BUS_NOT_OF_CENTRE', { bus, gateway });
};

const requireProfile = (gateway: GatewayId, { profile, channel }: FoundDevice, { profiles }: Field): void => {
  const known = profiles.find((each) => each.profile === profile);
  if (known === undefined) throw fault('PROFILE_NOT_KNOWN', { gateway, profile });
  const channels = known.channels ?? 0;
  const fits = channels === 0 ? channel === null : channel !== null && channel < channels;
  if (!fits) throw fault('CHANNEL_INVALID', { profile, channels, channel: channel ?? 'none' });
};

/**
 * What was found on a bus, as it will be declared. Throws the first reason why not: `OBJECT_NOT_HERE`, `BUS_NOT_OF_CENTRE`,
 * `PROFILE_NOT_KNOWN`, `CHANNEL_INVALID`, `ADDRESS_TAKEN` or `DEVICE_NAME_TAKEN`.
 */
export const declared = (
  { gateway, bus, found }: { readonly gateway: GatewayId; readonly bus: string; readonly found: readonly FoundDevice[] },
  known: readonly DeclaredDevice[],
  field: Field,
): readonly DeclaredDevice[] => {
  requireBus(gateway, bus, field);
  const ownByFile = field.buses.filter(({ devicesFrom }) => devicesFrom === 'file').flatMap(({ devices }) => devices);
  const names = new Set<string>(ownByFile.map(({ device }) => device));
  const result: DeclaredDevice[] = [];
  for (const each of found) {
    requireProfile(gateway, each, field);
    const device: DeclaredDevice = {
      gateway,
      bus,
      device: each.device ?? nameOf(bus, each),
      profile: each.profile,
      unitId: each.unitId,
      channel: each.channel,
    };
    const others = [...known, ...result];
    const there = others.find((other) => isSameAddress(other, device));
    if (there !== undefined)
      throw fault('ADDRESS_TAKEN', { bus, unitId: device.unitId, channel: device.channel ?? 'none', device: there.device });
    if (names.has(device.device) || others.some((other) => other.device === device.device))
      throw fault('DEVICE_NAME_TAKEN', { gateway, device: device.device });
    result.push(device);
  }
  return result;
};
