import { z } from 'zod';
import { QUANTITY_NAMES } from '#contract/quantities.ts';
import { instantField, pointField } from './fields.ts';

/** What a device is and offers. Retained, gateway → all. */
export const birthMessage = z.strictObject({
  profile: z.string().max(64),
  /** SHA-256 of the profile page, hexadecimal. */
  profileHash: z.string().regex(/^[0-9a-f]{64}$/),
  /** `fictitious` devices exist in no catalogue: they are said to be so wherever they are shown. */
  origin: z.enum(['documented', 'fictitious']),
  /** TALQ function types, such as LampActuatorFunction. */
  functions: z.array(z.string().max(64)).max(20),
  point: pointField.nullable(),
  quantities: z
    .array(z.strictObject({ name: z.enum(QUANTITY_NAMES), unit: z.string().max(8), access: z.enum(['read', 'write']) }))
    .max(100),
  at: instantField,
});
export type Birth = z.infer<typeof birthMessage>;

export const birthExample: Birth = {
  profile: 'intesis-in703-d4i',
  profileHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  origin: 'documented',
  functions: ['LampActuatorFunction', 'LampMonitorFunction'],
  point: 'point-laon-republique-l01' as never,
  quantities: [
    { name: 'activePowerW', unit: 'W', access: 'read' },
    { name: 'commandedLevelPercent', unit: '%', access: 'write' },
  ],
  at: '2026-11-24T21:00:00Z',
};

/** Retained, gateway → all. */
export const availabilityMessage = z.strictObject({
  state: z.enum(['online', 'degraded', 'offline']),
  since: instantField,
  why: z.string().max(300).optional(),
});
export type Availability = z.infer<typeof availabilityMessage>;

export const availabilityExample: Availability = {
  state: 'offline',
  since: '2026-11-24T20:58:00Z',
  why: 'DEVICE_SILENT: no answer in 3 tries',
};
