import { z } from 'zod';
import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import { TELEMETRY_LIMIT_BYTES, type Telemetry, telemetryMessage } from '#contract/messages/telemetry.ts';

/** A batch whose readings are still to be checked one by one: a wrong one does not cost the others. */
export type TelemetryEnvelope = Omit<Telemetry, 'readings'> & { readonly readings: readonly unknown[] };

const envelope = telemetryMessage.extend({ readings: z.array(z.unknown()).max(5000) });
const numbered = z.object({ boot: telemetryMessage.shape.boot, seq: telemetryMessage.shape.seq });

export type ParsedTelemetry =
  | { readonly kind: 'batch'; readonly batch: TelemetryEnvelope }
  /** With its number when it can be read, so that the gateway can be told not to send it again. */
  | { readonly kind: 'refused'; readonly fault: Fault; readonly number: { readonly boot: number; readonly seq: number } | null };

/** Where and what, of the first thing that a schema found wrong. */
export const firstProblem = (error: z.ZodError): { readonly path: string; readonly problem: string } => {
  const [issue] = error.issues;
  return { path: issue?.path.map(String).join('.') || 'the message', problem: issue?.message ?? 'invalid' };
};

const refused = (reason: Fault, number: { boot: number; seq: number } | null = null): ParsedTelemetry => ({
  kind: 'refused',
  fault: reason,
  number,
});

/** Size, UTF-8, JSON and schema: `MESSAGE_TOO_LARGE`, `MESSAGE_MALFORMED` or `MESSAGE_INVALID` with the path. */
export const parseTelemetry = (topic: string, payload: Uint8Array): ParsedTelemetry => {
  if (payload.length > TELEMETRY_LIMIT_BYTES)
    return refused(fault('MESSAGE_TOO_LARGE', { topic, bytes: payload.length, limit: TELEMETRY_LIMIT_BYTES }));
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (thrown) {
    return refused(fault('MESSAGE_MALFORMED', { topic, reason: reasonOf(thrown) }, thrown));
  }
  const parsed = envelope.safeParse(content);
  if (parsed.success) return { kind: 'batch', batch: parsed.data };
  const number = numbered.safeParse(content);
  return refused(fault('MESSAGE_INVALID', { topic, ...firstProblem(parsed.error) }), number.success ? number.data : null);
};
