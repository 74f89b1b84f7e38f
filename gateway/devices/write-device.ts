import { fault } from '#contract/errors.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { encodeRaw } from '#gateway/modbus/encode.ts';
import type { WriteRequest } from '#gateway/modbus/requests.ts';
import type { ProfileWrite, WritableQuantity } from '#gateway/profiles/device-profile.ts';
import type { FailSafePoint } from '#gateway/profiles/fail-safe-point.ts';
import { rawLevelOf } from '#gateway/profiles/level-scale.ts';
import { type FieldDevice, type SettableDevice, wireAddress, writeOf } from './field-device.ts';

/** The rule by which a device that is only read refuses a write. */
export const DEVICE_READS_ONLY = 'it is only read (readOnly)';

const ruleAgainst = ({ readOnly, profile }: SettableDevice): string =>
  readOnly ? DEVICE_READS_ONLY : `it is not in the allow-list of profile ${profile.profile}`;

/** The allow-list's entry for a value. Throws `WRITE_NOT_ALLOWED` or `WRITE_OUT_OF_RANGE`. */
export const checkWritable = (device: FieldDevice, quantity: WritableQuantity, value: number): ProfileWrite => {
  const write = writeOf(device, quantity);
  if (write === null) throw fault('WRITE_NOT_ALLOWED', { device: device.id, quantity, rule: ruleAgainst(device) });
  const { min, max } = write;
  if (value < min || value > max) throw fault('WRITE_OUT_OF_RANGE', { device: device.id, quantity, min, max, value });
  return write;
};

/** The same, for a write that leaves now. Throws `WRITE_TOO_OFTEN` too, with the instant from which it is allowed. */
export const checkWritableNow = (device: FieldDevice, quantity: WritableQuantity, value: number): ProfileWrite => {
  const write = checkWritable(device, quantity, value);
  const wait = device.pace.waitOf(quantity, write, value);
  if (wait === null) return write;
  const { againAt, rule } = wait;
  throw fault('WRITE_TOO_OFTEN', { device: device.id, quantity, againAt: formatInstant(againAt), rule });
};

/** Whether the rate of its profile lets this value leave now. False for what may never be written, too. */
export const isItsTurn = (device: FieldDevice, quantity: WritableQuantity, value: number): boolean => {
  const write = writeOf(device, quantity);
  return write !== null && device.pace.waitOf(quantity, write, value) === null;
};

const wordsToWrite = (write: ProfileWrite, value: number): readonly number[] =>
  write.level === undefined ? encodeRaw(value, write.scale, write) : encodeRaw(rawLevelOf(value, write.level), 1, write);

/** Whether two values are the same to the device: it counts in steps of its own. */
export const isSameToDevice = (write: ProfileWrite, a: number, b: number): boolean =>
  wordsToWrite(write, a).join() === wordsToWrite(write, b).join();

const requestsFor = (device: FieldDevice, write: ProfileWrite, value: number): readonly WriteRequest[] => {
  const words = wordsToWrite(write, value);
  const first = wireAddress(device.profile, write.address, write.step, device.channel);
  const { unitId } = device;
  if (write.functionCode === 15) {
    const coils = Array.from({ length: write.count ?? 1 }, () => words[0] ?? 0);
    return [{ unitId, functionCode: 15, address: first, words: coils }];
  }
  const { switchedBy } = write;
  const switchOn: readonly WriteRequest[] =
    switchedBy === undefined || value === 0
      ? []
      : [
          {
            unitId,
            functionCode: 5,
            address: wireAddress(device.profile, switchedBy.address, switchedBy.step, device.channel),
            words: [1],
          },
        ];
  const writes = Array.from({ length: write.count ?? 1 }, (_each, index) => ({
    unitId,
    functionCode: write.functionCode,
    address: first + index,
    words,
  }));
  return [...writes, ...switchOn];
};

/** Writes through the profile's allow-list, at its rate, and nothing else. Rejects with its faults or those of the bus. */
export const writeDevice = async (device: FieldDevice, quantity: WritableQuantity, value: number): Promise<void> => {
  const write = checkWritableNow(device, quantity, value);
  device.pace.note(quantity, value);
  for (const request of requestsFor(device, write, value)) await device.bus.write(request);
};

/** One frame for a group commissioned on the device, or for all that hang on it. `members`: the lights that it sets, at least one. */
export const writeGroup = async (
  members: readonly FieldDevice[],
  busGroup: number | 'broadcast',
  quantity: WritableQuantity,
  value: number,
): Promise<void> => {
  const writes = members.map((member) => checkWritableNow(member, quantity, value));
  const [[member], [write]] = [members, writes];
  if (member === undefined || write === undefined) return;
  const { group, broadcast } = write;
  const address =
    busGroup === 'broadcast' ? broadcast?.address : group === undefined ? undefined : group.address + group.step * busGroup;
  if (address === undefined)
    throw fault('WRITE_NOT_ALLOWED', {
      device: member.id,
      quantity: `${quantity} of group ${busGroup}`,
      rule: `profile ${member.profile.profile} has no such group`,
    });
  for (const { pace } of members) pace.note(quantity, value);
  await member.bus.write({
    unitId: member.unitId,
    functionCode: write.functionCode,
    address: address - member.profile.addressBase,
    words: wordsToWrite(write, value),
  });
};

/** Programs one register of the profile's `failSafe`. Rejects with `WRITE_NOT_ALLOWED` or the faults of the bus. */
export const writeFailSafe = async (device: SettableDevice, point: FailSafePoint, raw: number): Promise<void> => {
  const { write, means, address, step } = point;
  if (device.readOnly || write === undefined)
    throw fault('WRITE_NOT_ALLOWED', { device: device.id, quantity: means, rule: ruleAgainst(device) });
  await device.bus.write({
    unitId: device.unitId,
    functionCode: write.functionCode,
    address: wireAddress(device.profile, write.address ?? address, step, device.channel),
    words: encodeRaw(raw + (write.plus ?? 0), 1, point),
  });
};
