import type { Birth } from '#contract/messages/device.ts';
import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import { WRITABLE_QUANTITIES } from '#gateway/profiles/device-profile.ts';
import { type FieldDevice, writeOf } from './field-device.ts';

/** What a device is and offers. */
export const birthOf = (device: FieldDevice, at: Instant): Birth => {
  const { profile, point, places } = device;
  const written = WRITABLE_QUANTITIES.filter((quantity) => writeOf(device, quantity) !== null);
  const read = places.map(({ quantity }) => quantity).filter((quantity) => !written.some((name) => name === quantity));
  const entry = (name: QuantityName, access: 'read' | 'write') => ({ name, unit: QUANTITIES[name].unit, access });
  return {
    profile: profile.profile,
    profileHash: profile.hash,
    origin: profile.origin,
    functions: [...profile.functions],
    point,
    quantities: [...read.map((name) => entry(name, 'read')), ...written.map((name) => entry(name, 'write'))],
    at: formatInstant(at),
  };
};
