import { z } from 'zod';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';
import { deviceField, groupField, pointField } from './fields.ts';

/** Name of a bus in its gateway's file. */
export const busField = z
  .string()
  .regex(IDENTIFIER_PATTERN, 'a bus has lower-case letters, digits and single hyphens, 64 characters at most');
export const profileField = z
  .string()
  .regex(IDENTIFIER_PATTERN, 'a profile has lower-case letters, digits and single hyphens, 64 characters at most');
/** Modbus address, 1 to 247. */
export const unitIdField = z.int().min(1).max(247);

/** Devices that one bus may have. */
export const DEVICES_LIMIT = 1000;
/** Groups that one gateway may have. */
export const GROUPS_LIMIT = 200;

/** What a gateway must know of a device: the same in its own file, where what is said `default` may be left out. */
export const fieldDeviceShape = {
  device: deviceField,
  profile: profileField,
  unitId: unitIdField,
  /** For a profile that has channels: which one, from 0. */
  channel: z.int().min(0).max(255).optional(),
  /** The measurement point its readings belong to. */
  point: pointField.optional(),
  /** A dwelling's point publishes its registers only, at the consented grain. */
  privacy: z.enum(['operational', 'dwelling']),
  /** Nothing of it is ever written, whatever its profile allows. */
  readOnly: z.boolean(),
  /** The most that it can measure, in the place of its profile's: a power above, or a counter that moves faster, is doubtful. */
  ratedPowerW: z.number().positive().max(1e9).optional(),
} as const;

export const fieldDevice = z.strictObject(fieldDeviceShape);
export type FieldDeviceEntry = z.infer<typeof fieldDevice>;

/** A group commissioned on a device of a bus: one frame switches all members. */
export const fieldGroup = z.strictObject({
  group: groupField,
  bus: busField,
  unitId: unitIdField,
  /** Number under which the members were commissioned on the device, or `broadcast` for all that hang on it. */
  busGroup: z.union([z.int().min(0).max(255), z.literal('broadcast')]),
  members: z.array(deviceField).min(1).max(256),
});
export type FieldGroupEntry = z.infer<typeof fieldGroup>;
