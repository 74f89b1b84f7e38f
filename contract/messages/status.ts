import { z } from 'zod';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { DOCUMENT_NAMES } from '#contract/topics.ts';
import { instantField, revisionField, sequenceField } from './fields.ts';

/** Retained; the offline form is the last will. gateway → all. */
export const statusMessage = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('online'),
    at: instantField,
    boot: sequenceField,
    version: z.string().max(40),
    clock: z.strictObject({
      /** `unsynchronised`: known, and more than 2 s from the centre's by the acknowledgements. `unknown`: never set since the start. */
      state: z.enum(['synchronised', 'unsynchronised', 'unknown', 'simulated']),
      /** Ours minus the centre's, from acknowledgements; wrong by half their round trip at most. */
      offsetMs: z.number().optional(),
    }),
    outbox: z.strictObject({
      depth: z.int().min(0),
      oldestAt: instantField.optional(),
      /** `thinned`: it is full and gives up by class; `refused`: the disk refuses, batches wait in memory. Kept when absent. */
      storage: z.enum(['kept', 'thinned', 'refused']).optional(),
    }),
    /** Revision in force of each document; null when none was ever received. */
    applied: z.strictObject({
      programs: revisionField.nullable(),
      overrides: revisionField.nullable(),
      envelope: revisionField.nullable(),
      consents: revisionField.nullable(),
      devices: revisionField.nullable().default(null),
    }),
    /** The last document refused, if its revision is above the one in force. */
    refused: z
      .array(
        z.strictObject({
          document: z.enum(DOCUMENT_NAMES),
          revision: revisionField.nullable(),
          code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
          why: z.string().max(300),
        }),
      )
      .optional(),
    /** Why the gateway's own file, read again, is not in force; absent when it is. */
    refusedFile: z
      .strictObject({ code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]), why: z.string().max(300) })
      .optional(),
  }),
  z.strictObject({ state: z.literal('offline'), boot: sequenceField, version: z.string().max(40) }),
]);
export type Status = z.infer<typeof statusMessage>;

export const statusExample: Status = {
  state: 'online',
  at: '2026-11-24T21:00:00Z',
  boot: 12,
  version: '0.1.0',
  clock: { state: 'synchronised', offsetMs: 3 },
  outbox: { depth: 0 },
  applied: { programs: 7, overrides: 31, envelope: null, consents: 2, devices: 4 },
};
