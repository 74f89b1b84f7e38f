import { z } from 'zod';
import { byField, instantField, levelField, orderField, reasonField } from './fields.ts';

/**
 * A one-shot order, control → gateway, QoS 1, to a device or to a group. `identify` blinks; `levelPercent` is the fast
 * path of the override of the same id and therefore needs its end.
 */
export const telecommandMessage = z.strictObject({
  id: orderField,
  set: z.union([
    z.strictObject({ levelPercent: levelField, endsAt: instantField }),
    z.strictObject({ contactorClosed: z.boolean() }),
    z.strictObject({ identify: z.literal(true) }),
  ]),
  /** The gateway refuses it from this instant on. */
  expiresAt: instantField,
  by: byField,
  reason: reasonField,
});
export type Telecommand = z.infer<typeof telecommandMessage>;

export const telecommandExample: Telecommand = {
  id: 'override-7f3a',
  set: { levelPercent: 70, endsAt: '2026-11-25T05:00:00Z' },
  expiresAt: '2026-11-24T21:01:00Z',
  by: 'account-technician',
  reason: 'works',
};
