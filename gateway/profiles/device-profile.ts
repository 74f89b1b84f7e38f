import { z } from 'zod';
import { QUANTITIES, QUANTITY_NAMES, type QuantityName } from '#contract/quantities.ts';
import { IDENTIFIER_PATTERN } from '#domain/identifiers.ts';
import { REGISTER_TYPES, WORD_ORDERS } from '../modbus/decode.ts';

const addressField = z.int().min(0).max(65_535);
/** Distance between the registers of two channels. */
const stepField = z.int().min(1).max(65_535).optional();
const quantityField = z.enum(QUANTITY_NAMES);

const registerPoint = z.strictObject({
  table: z.enum(['holding', 'input']),
  address: addressField,
  step: stepField,
  type: z.enum(REGISTER_TYPES),
  wordOrder: z.enum(WORD_ORDERS),
  /** Value = raw × scale, in the unit said. */
  scale: z.number().positive(),
  unit: z.string().min(1).max(8),
  /** One bit of the register, 0 the least significant; the value is then 0 or 1. */
  bit: z.int().min(0).max(15).optional(),
  /** Raw values by which the device says that it does not know. */
  unknown: z.array(z.number()).max(8).optional(),
});

const bitPoint = z.strictObject({
  table: z.enum(['coil', 'discrete']),
  address: addressField,
  step: stepField,
  unit: z.literal('1'),
  /** Several bits said as one, for a device without channel. */
  count: z.int().min(2).max(64).optional(),
  combine: z.enum(['any', 'all']).optional(),
});

const pointField = z.discriminatedUnion('table', [registerPoint, bitPoint]);
export type ProfilePoint = z.infer<typeof pointField>;

/** What may be written: everything else is read-only. */
const writeField = z.strictObject({
  functionCode: z.union([z.literal(5), z.literal(6), z.literal(16)]),
  address: addressField,
  step: stepField,
  /** Coils written alike, one request each, for a device without channel. */
  count: z.int().min(2).max(64).optional(),
  type: z.enum(REGISTER_TYPES),
  wordOrder: z.enum(WORD_ORDERS),
  scale: z.number().positive(),
  min: z.number(),
  max: z.number(),
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

/** One model of device as one page of data, without a condition. */
export const deviceProfilePage = z
  .strictObject({
    profile: z.string().regex(IDENTIFIER_PATTERN),
    vendor: z.string().min(1).max(80),
    models: z.array(z.string().min(1).max(120)).min(1),
    kind: z.enum(['electricity-meter', 'dali-gateway', 'relay', 'lighting-cabinet', 'light-sensor', 'presence-sensor']),
    /** `fictitious`: a device of the simulated field, in no catalogue. */
    origin: z.enum(['documented', 'fictitious']),
    /** The maker's document, revision and page, or what stands for it. */
    document: z.string().min(1).max(300),
    source: z.string().min(1).max(300),
    /** TALQ 2.7.1 function types offered. */
    functions: z.array(z.string().min(1).max(64)).min(1).max(20),
    /** First number of the document's addresses: 0 as on the wire, 1 when the document counts from one. */
    addressBase: z.union([z.literal(0), z.literal(1)]),
    maxRegistersPerRead: z.int().min(1).max(125),
    maxGapRegisters: z.int().min(0).max(124),
    /** Number of channels; a device of this model then says which it is. */
    channels: z.int().min(1).max(256).optional(),
    notes: z.array(z.string().min(1)).optional(),
    points: z.partialRecord(quantityField, pointField),
    writes: z.partialRecord(z.enum(WRITABLE_QUANTITIES), writeField).optional(),
  })
  .superRefine((page, context) => {
    for (const [name, point] of Object.entries(page.points)) {
      const { unit } = QUANTITIES[name as QuantityName];
      if (point?.unit !== unit)
        context.addIssue({
          code: 'custom',
          path: ['points', name, 'unit'],
          message: `${name} is in ${unit}, not ${point?.unit}`,
        });
      if ((point?.address ?? 0) < page.addressBase)
        context.addIssue({ code: 'custom', path: ['points', name, 'address'], message: 'below the address base' });
      if (point?.step !== undefined && page.channels === undefined)
        context.addIssue({ code: 'custom', path: ['points', name, 'step'], message: 'a step needs channels' });
    }
    for (const [name, write] of Object.entries(page.writes ?? {}))
      if (write !== undefined && page.points[write.readBack] === undefined)
        context.addIssue({ code: 'custom', path: ['writes', name, 'readBack'], message: `${write.readBack} is not read` });
  });
export type DeviceProfilePage = z.infer<typeof deviceProfilePage>;

export interface DeviceProfile extends DeviceProfilePage {
  /** SHA-256 of the page, hexadecimal. */
  readonly hash: string;
}

/** The JSON schema of a profile page, for editors; `profile.schema.json` is its copy. */
export const deviceProfileJsonSchema = (): object => z.toJSONSchema(deviceProfilePage, { target: 'draft-2020-12', io: 'input' });
