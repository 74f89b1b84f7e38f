import { z } from 'zod';

/** What devices do on their own, of a gateway's file: when they hear nothing any more, and when their supply comes back. */
export const failSafeSettings = z.strictObject({
  /** False: the registers are read and what differs is told, nothing is programmed. */
  program: z.boolean().default(true),
  /** % of full light. A street is lit when nobody can say otherwise. */
  levelPercent: z.number().min(0).max(100).default(100),
  contactorClosed: z.boolean().default(true),
  /** How long a device waits for its master; more than a few rounds, or it falls back between two. */
  linkLossSeconds: z.int().min(1).max(65_534).default(120),
});
export type FailSafeSettings = z.infer<typeof failSafeSettings>;

const ROUNDS_WAITED = 4;

/** A device whose master reads slowly waits for some of its rounds, whatever the file says. */
export const patientEnough = (
  settings: FailSafeSettings,
  poll: { readonly lightsSeconds: number; readonly metersSeconds: number; readonly sensorsSeconds: number },
): FailSafeSettings => {
  const slowest = Math.max(poll.lightsSeconds, poll.metersSeconds, poll.sensorsSeconds);
  return { ...settings, linkLossSeconds: Math.max(settings.linkLossSeconds, ROUNDS_WAITED * slowest) };
};
