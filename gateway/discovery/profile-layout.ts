import { placesOf, type QuantityPlace } from '#gateway/devices/field-device.ts';
import { type WordOrder, wordsOf } from '#gateway/modbus/register-layout.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import type { ProfilePoint } from '#gateway/profiles/profile-point.ts';

/** How a unit's registers differ from a page: values of several registers the other way round, addresses off by one. */
export interface Layout {
  readonly isSwapped: boolean;
  /** What is added to each address of the page. */
  readonly offset: -1 | 0 | 1;
}

export const AS_WRITTEN: Layout = { isSwapped: false, offset: 0 };

const OTHER_ORDER: Readonly<Record<WordOrder, WordOrder>> = {
  'high-first': 'low-first',
  'low-first': 'high-first',
  'halves-swapped': 'pairs-swapped',
  'pairs-swapped': 'halves-swapped',
};

const isLong = (point: ProfilePoint): boolean => 'type' in point && wordsOf(point.type) > 1;

const swapped = (point: ProfilePoint): ProfilePoint =>
  'type' in point && isLong(point) ? { ...point, wordOrder: OTHER_ORDER[point.wordOrder] } : point;

/** The order of its words that a page gives, or would give in this layout; null when it has no value of several registers. */
export const wordOrderOf = ({ points }: DeviceProfile, { isSwapped }: Layout): WordOrder | null => {
  const long = Object.values(points).find((point) => isLong(point));
  if (long === undefined || !('wordOrder' in long)) return null;
  return isSwapped ? OTHER_ORDER[long.wordOrder] : long.wordOrder;
};

/** Where the quantities of a page's first channel stand in this layout. None when it would be no other than the page's own. */
export const placesAt = (profile: DeviceProfile, { isSwapped, offset }: Layout): readonly QuantityPlace[] => {
  if (isSwapped && wordOrderOf(profile, AS_WRITTEN) === null) return [];
  return placesOf(profile, 0)
    .map((place) => ({
      ...place,
      point: isSwapped ? swapped(place.point) : place.point,
      span: { ...place.span, address: place.span.address + offset },
    }))
    .filter(({ span }) => span.address >= 0);
};
