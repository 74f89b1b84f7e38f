import type { FieldDeviceEntry } from '#contract/messages/field-devices.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { DWELLING_QUANTITIES, isQuantity } from '#contract/quantities.ts';
import type { DeviceId, PointId } from '#domain/identifiers.ts';
import type { Bus } from '#gateway/modbus/bus.ts';
import { readCost } from '#gateway/modbus/read-cost.ts';
import { planReads, type ReadLimits, type ReadSpan } from '#gateway/modbus/read-plan.ts';
import { wordsOf } from '#gateway/modbus/register-layout.ts';
import type { DeviceProfile, ProfileWrite, WritableQuantity } from '#gateway/profiles/device-profile.ts';
import type { ProfilePoint } from '#gateway/profiles/profile-point.ts';
import { DevicePlan } from './device-plan.ts';
import type { ReadLessons } from './read-lessons.ts';
import { WritePace } from './write-pace.ts';

export type DeviceKind = 'light' | 'meter' | 'sensor';

/** Where one quantity stands on a device. */
export interface QuantityPlace {
  readonly quantity: QuantityName;
  readonly point: ProfilePoint;
  readonly span: ReadSpan;
}

/** A device of the configuration, with its profile unrolled for its channel. */
export interface FieldDevice {
  readonly id: DeviceId;
  readonly kind: DeviceKind;
  readonly bus: Bus;
  readonly unitId: number;
  /** From 0; 0 for a device without channel. */
  readonly channel: number;
  readonly profile: DeviceProfile;
  readonly point: PointId | null;
  readonly privacy: FieldDeviceEntry['privacy'];
  readonly readOnly: boolean;
  /** The most that it can measure, its own or its profile's; null when nothing says it. */
  readonly ratedPowerW: number | null;
  /** Quantities that are read. A dwelling's device is read for its registers only. */
  readonly places: readonly QuantityPlace[];
  readonly plan: DevicePlan;
  readonly pace: WritePace;
}

/** What it takes to write a device's own settings. */
export type SettableDevice = Pick<FieldDevice, 'id' | 'bus' | 'unitId' | 'channel' | 'profile' | 'readOnly' | 'privacy'>;

const METERS: readonly DeviceProfile['kind'][] = ['electricity-meter', 'heat-meter', 'mbus-gateway'];

const kindOf = (profile: DeviceProfile): DeviceKind => {
  if (profile.writes?.commandedLevelPercent !== undefined) return 'light';
  return METERS.includes(profile.kind) ? 'meter' : 'sensor';
};

/** Address on the wire of something that repeats by channel. */
export const wireAddress = (profile: DeviceProfile, address: number, step: number | undefined, channel: number): number =>
  address - profile.addressBase + (step ?? 0) * channel;

const countOf = (point: ProfilePoint): number =>
  'type' in point
    ? Math.max(wordsOf(point.type), (point.onlyIf?.offset ?? 0) + 1, (point.exponent?.offset ?? 0) + 1)
    : (point.count ?? 1);

const spanOf = (profile: DeviceProfile, point: ProfilePoint, channel: number): ReadSpan => ({
  table: point.table,
  address: wireAddress(profile, point.address, point.step, channel),
  count: countOf(point),
});

/** Every quantity of a profile, where one of its channels has it. */
export const placesOf = (profile: DeviceProfile, channel: number): readonly QuantityPlace[] =>
  Object.entries(profile.points).flatMap(([quantity, point]) =>
    point === undefined || !isQuantity(quantity) ? [] : [{ quantity, point, span: spanOf(profile, point, channel) }],
  );

const limitsOf = ({ maxRegistersPerRead, maxGapRegisters }: DeviceProfile): ReadLimits => ({
  maxRegisters: maxRegistersPerRead,
  maxGap: maxGapRegisters,
});

/** The requests that read these places over Modbus TCP, within what the device gives in one answer. */
export const blocksOf = (profile: DeviceProfile, places: readonly QuantityPlace[]): readonly ReadSpan[] =>
  planReads(
    places.map(({ span }) => span),
    limitsOf(profile),
  );

const isReadOf = ({ privacy }: FieldDeviceEntry, { quantity }: QuantityPlace): boolean =>
  privacy === 'operational' || DWELLING_QUANTITIES.includes(quantity);

/** What a device needs beside its entry. */
export interface DeviceMeans {
  readonly bus: Bus;
  readonly profile: DeviceProfile;
  /** Of the whole gateway. */
  readonly readOnly: boolean;
  readonly lessons: ReadLessons;
  readonly clock: Clock;
}

/** A device of a checked entry. */
export const createFieldDevice = (entry: FieldDeviceEntry, means: DeviceMeans): FieldDevice => {
  const { bus, profile, lessons, clock } = means;
  const places = placesOf(profile, entry.channel ?? 0).filter((place) => isReadOf(entry, place));
  return {
    id: entry.device,
    kind: kindOf(profile),
    bus,
    unitId: entry.unitId,
    channel: entry.channel ?? 0,
    profile,
    point: entry.point ?? null,
    privacy: entry.privacy,
    readOnly: means.readOnly || entry.readOnly,
    ratedPowerW: entry.ratedPowerW ?? profile.ratedPowerW ?? null,
    places,
    plan: new DevicePlan({
      device: entry.device,
      profile: profile.hash,
      spans: places.map(({ span }) => span),
      limits: limitsOf(profile),
      cost: readCost(bus.line),
      lessons,
      clock,
    }),
    pace: new WritePace(clock),
  };
};

/** Whether two are one device on one place of one bus, read by the same page. */
export const isSamePlace = (a: FieldDevice, b: FieldDevice): boolean =>
  a.id === b.id && a.bus.id === b.bus.id && a.unitId === b.unitId && a.channel === b.channel && a.profile.hash === b.profile.hash;

/** What the allow-list says of a quantity of a device, or null when it may not be written. */
export const writeOf = (device: FieldDevice, quantity: WritableQuantity): ProfileWrite | null =>
  device.readOnly ? null : (device.profile.writes?.[quantity] ?? null);
