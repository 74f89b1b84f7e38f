import type { QuantityName } from '#contract/quantities.ts';
import { blocksOf, placesOf } from '../devices/field-device.ts';
import { takeValues } from '../devices/point-value.ts';
import type { ReadSpan } from '../modbus/read-plan.ts';
import type { DeviceProfile } from './device-profile.ts';
import type { RegisterImage } from './register-image.ts';

export interface Replay {
  /** Every quantity of the profile; null is missing. */
  readonly values: ReadonlyMap<QuantityName, number | null>;
  /** The requests that a device with just these registers refuses, in words. */
  readonly refusals: readonly string[];
}

const answer = (image: RegisterImage, { table, address, count }: ReadSpan): readonly number[] | null => {
  const words = Array.from({ length: count }, (_each, index) => image[table].get(address + index));
  return words.every((word) => word !== undefined) ? words : null;
};

const refusalOf = ({ table, address, count }: ReadSpan): string =>
  `${table} ${address} to ${address + count - 1}: exception 02, the device has not all of them`;

/** What a gateway reads of a device that holds these registers: its plan of requests, its decoding, its limits. */
export const replay = (profile: DeviceProfile, image: RegisterImage, channel: number): Replay => {
  const places = placesOf(profile, channel);
  const values = new Map<QuantityName, number | null>(places.map(({ quantity }) => [quantity, null]));
  const refusals: string[] = [];
  for (const block of blocksOf(profile, places)) {
    const words = answer(image, block);
    if (words === null) refusals.push(refusalOf(block));
    else takeValues(values, { block, words }, places);
  }
  return { values, refusals };
};
