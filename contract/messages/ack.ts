import { z } from 'zod';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { instantField, pointField, sequenceField } from './fields.ts';

/** What this commit made durable, or will never accept. ingest → gateway, QoS 1. */
export const ackMessage = z.strictObject({
  boot: sequenceField,
  /** Inclusive ranges of `seq`; the numbers that a gap replaces are among them. */
  ranges: z.array(z.tuple([sequenceField, sequenceField])).max(1000),
  /** A whole batch, or with `point` the readings of one point in a batch whose other readings are durable. Do not send again. */
  refused: z
    .array(
      z.strictObject({
        seq: sequenceField,
        code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
        point: pointField.optional(),
      }),
    )
    .max(1000),
  /** When it was sent, by the centre's clock: a gateway compares its own. */
  at: instantField.optional(),
});
export type Ack = z.infer<typeof ackMessage>;

export const ackExample: Ack = { boot: 12, ranges: [[4801, 4810]], refused: [{ seq: 4799, code: 'POINT_UNKNOWN' }] };
