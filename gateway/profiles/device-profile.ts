import { z } from 'zod';
import { QUANTITIES, QUANTITY_NAMES, type QuantityName } from '#contract/quantities.ts';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';
import { failSafeField, problemsOfFailSafe } from './fail-safe-point.ts';
import { addressField, layoutFields, pointField, problemsOfLayout, problemsOfPoint, stepField } from './profile-point.ts';

const quantityField = z.enum(QUANTITY_NAMES);

/** No rule of rate keeps an order away for longer: a person waits ten minutes at most. */
const LONGEST_HOLD_SECONDS = 600;

/** What may be written: everything else is read-only. */
const writeField = z.strictObject({
  functionCode: z.union([z.literal(5), z.literal(6), z.literal(15), z.literal(16)]),
  address: addressField,
  step: stepField,
  /** Coils written alike, for a device without channel: one request each with function 5, one for all with function 15. */
  count: z.int().min(2).max(64).optional(),
  ...layoutFields,
  min: z.number(),
  max: z.number(),
  /** How soon after a write the next may follow. */
  minSecondsBetweenWrites: z.number().min(0.1).max(60),
  /** Of a contactor: how long it stays closed, or open, before it may change again. */
  minOnSeconds: z.number().min(0).max(LONGEST_HOLD_SECONDS).optional(),
  minOffSeconds: z.number().min(0).max(LONGEST_HOLD_SECONDS).optional(),
  /** Of a level: a coil that must be on for it to give light, and that the device may put off by itself. Written on after it. */
  switchedBy: z.strictObject({ address: addressField, step: stepField }).optional(),
  /** The quantity that shows the write took. */
  readBack: quantityField,
  /** One frame for a group that was commissioned on the device. */
  group: z.strictObject({ address: addressField, step: z.int().min(1), count: z.int().min(1) }).optional(),
  /** One frame for all that hang on the device. */
  broadcast: z.strictObject({ address: addressField }).optional(),
});
export type ProfileWrite = z.infer<typeof writeField>;

export const WRITABLE_QUANTITIES = ['commandedLevelPercent', 'contactorClosed'] as const;
export type WritableQuantity = (typeof WRITABLE_QUANTITIES)[number];

export const DEVICE_KINDS = [
  'electricity-meter',
  'heat-meter',
  'mbus-gateway',
  'dali-gateway',
  'luminaire-driver',
  'relay',
  'lighting-cabinet',
  'light-sensor',
  'presence-sensor',
] as const;

/** What a page rests on, from the surest; none replaces a recording on the device itself. */
export const CONFIDENCES = ['makers-manual', 'published-source-code', 'partial', 'unverified', 'fictitious'] as const;

/** One model of device as one page of data, without a condition. */
export const deviceProfilePage = z
  .strictObject({
    profile: z.string().regex(IDENTIFIER_PATTERN),
    vendor: z.string().min(1).max(80),
    models: z.array(z.string().min(1).max(120)).min(1),
    kind: z.enum(DEVICE_KINDS),
    /** `fictitious`: a device of the simulated field, in no catalogue. */
    origin: z.enum(['documented', 'fictitious']),
    /** The maker's document, revision and page, or what stands for it. */
    document: z.string().min(1).max(300),
    source: z.string().min(1).max(300),
    confidence: z.enum(CONFIDENCES),
    /** TALQ 2.7.1 function types offered. */
    functions: z.array(z.string().min(1).max(64)).min(1).max(20),
    /** First number of the document's addresses: 0 as on the wire, 1 when the document counts from one. */
    addressBase: z.union([z.literal(0), z.literal(1)]),
    maxRegistersPerRead: z.int().min(1).max(125),
    maxGapRegisters: z.int().min(0).max(124),
    /** Number of channels; a device of this model then says which it is. */
    channels: z.int().min(1).max(256).optional(),
    /** The most that it can measure: a power above, or a counter that moves faster, is doubtful. Absent: 1 MW for a counter. */
    ratedPowerW: z.number().positive().max(1e9).optional(),
    notes: z.array(z.string().min(1)).optional(),
    points: z.partialRecord(quantityField, pointField),
    writes: z.partialRecord(z.enum(WRITABLE_QUANTITIES), writeField).optional(),
    failSafe: z.array(failSafeField).min(1).max(8).optional(),
  })
  .superRefine((page, context) => {
    const refuse = (path: readonly PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message });
    for (const [name, point] of Object.entries(page.points)) {
      if (point === undefined) continue;
      const { unit } = QUANTITIES[name as QuantityName];
      if (point.unit !== unit) refuse(['points', name, 'unit'], `${name} is in ${unit}, not ${point.unit}`);
      if (point.address < page.addressBase) refuse(['points', name, 'address'], 'below the address base');
      if (point.step !== undefined && page.channels === undefined) refuse(['points', name, 'step'], 'a step needs channels');
      for (const { key, message } of problemsOfPoint(point)) refuse(['points', name, ...key.split('.')], message);
    }
    for (const [name, write] of Object.entries(page.writes ?? {})) {
      if (write === undefined) continue;
      if (page.points[write.readBack] === undefined) refuse(['writes', name, 'readBack'], `${write.readBack} is not read`);
      for (const { key, message } of problemsOfLayout(write)) refuse(['writes', name, key], message);
      if (write.switchedBy !== undefined && write.level === undefined)
        refuse(['writes', name, 'switchedBy'], 'only a level is switched by a coil');
      if (write.switchedBy !== undefined && page.points.lampOn === undefined)
        refuse(['writes', name, 'switchedBy'], 'lampOn is not read: nobody would see that it is off');
      for (const key of ['minOnSeconds', 'minOffSeconds'] as const)
        if ((write[key] === undefined) === (name === 'contactorClosed'))
          refuse(['writes', name, key], name === 'contactorClosed' ? `a contactor needs ${key}` : 'only a contactor has it');
    }
    for (const [index, point] of (page.failSafe ?? []).entries()) {
      const path = (key: string): readonly PropertyKey[] => ['failSafe', index, key];
      if (point.address < page.addressBase) refuse(path('address'), 'below the address base');
      if (point.step !== undefined && page.channels === undefined) refuse(path('step'), 'a step needs channels');
      for (const { key, message } of problemsOfFailSafe(point)) refuse(path(key), message);
    }
  });
export type DeviceProfilePage = z.infer<typeof deviceProfilePage>;

export interface DeviceProfile extends DeviceProfilePage {
  /** SHA-256 of the page, hexadecimal. */
  readonly hash: string;
}

/** The JSON schema of a profile page, for editors; `profile.schema.json` is its copy. */
export const deviceProfileJsonSchema = (): object => z.toJSONSchema(deviceProfilePage, { target: 'draft-2020-12', io: 'input' });
