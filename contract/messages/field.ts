import { z } from 'zod';
import { busField, profileField, unitIdField } from './field-devices.ts';
import { deviceField, instantField } from './fields.ts';

/** Who says which devices a bus has: the gateway's own file, or the centre by the document `devices`. */
export const DEVICE_OWNERS = ['file', 'centre'] as const;

/** The lines of a gateway and the models that it can read: what a device may be commissioned on. Retained, gateway → all. */
export const fieldMessage = z.strictObject({
  at: instantField,
  buses: z
    .array(
      z.strictObject({
        bus: busField,
        kind: z.enum(['tcp', 'rtu-over-tcp', 'rtu']),
        devicesFrom: z.enum(DEVICE_OWNERS),
        /** In force, whoever owns them. */
        devices: z
          .array(z.strictObject({ device: deviceField, profile: profileField, unitId: unitIdField, channel: z.int().optional() }))
          .max(1000),
      }),
    )
    .max(32),
  /** Those of the gateway and those of the document `devices`. */
  profiles: z
    .array(
      z.strictObject({
        profile: profileField,
        vendor: z.string().max(80),
        models: z.array(z.string().max(120)),
        kind: z.string().max(64),
        /** Devices of this model say which of so many channels they are. */
        channels: z.int().min(1).optional(),
        /** Quantities that it lets be written. */
        writes: z.array(z.string().max(64)),
        /** SHA-256 of the profile page, hexadecimal. */
        hash: z.string().regex(/^[0-9a-f]{64}$/),
        origin: z.enum(['gateway', 'document']),
      }),
    )
    .max(1000),
});
export type Field = z.infer<typeof fieldMessage>;

export const fieldExample: Field = {
  at: '2026-11-24T21:00:00Z',
  buses: [
    {
      bus: 'bus-cabinet',
      kind: 'rtu',
      devicesFrom: 'centre',
      devices: [{ device: 'luminaire-l01' as never, profile: 'intesis-in703-d4i', unitId: 3, channel: 0 }],
    },
  ],
  profiles: [
    {
      profile: 'intesis-in703-d4i',
      vendor: 'Intesis',
      models: ['IN703-DALI (D4i)'],
      kind: 'dali-gateway',
      channels: 64,
      writes: ['commandedLevelPercent'],
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      origin: 'gateway',
    },
  ],
};
