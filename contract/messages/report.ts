import { z } from 'zod';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { deviceField, instantField, levelField, orderField } from './fields.ts';

/** Phases of an order, in the words of the screens: acceptée, appliquée, prouvée, non prouvable, refusée, expirée, échec. */
export const REPORT_PHASES = ['accepted', 'applied', 'proved', 'not-provable', 'rejected', 'expired', 'failed'] as const;
export type ReportPhase = (typeof REPORT_PHASES)[number];

/** An execution report: the field says what it did. gateway → control (live), and inside telemetry (durable). */
export const reportMessage = z.strictObject({
  /** The override or the telecommand. */
  id: orderField,
  /** The device, when the phase is that of one device among several. */
  device: deviceField.optional(),
  phase: z.enum(REPORT_PHASES),
  at: instantField,
  /** What the control gear said after the write. */
  readBack: z.strictObject({ levelPercent: levelField.optional(), contactorClosed: z.boolean().optional() }).optional(),
  /** The lamp's own power and what this level should draw. */
  proof: z.strictObject({ observedW: z.number(), expectedW: z.number() }).optional(),
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]).optional(),
  why: z.string().max(300).optional(),
});
export type Report = z.infer<typeof reportMessage>;

export const reportExample: Report = {
  id: 'override-7f3a',
  device: 'luminaire-l01' as never,
  phase: 'proved',
  at: '2026-11-24T21:00:41Z',
  readBack: { levelPercent: 70 },
  proof: { observedW: 21.8, expectedW: 21.6 },
};
