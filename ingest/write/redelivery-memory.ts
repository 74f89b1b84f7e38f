import type { GatewayId } from '#domain/identifiers.ts';

/** Batches seen lately, so that one that comes again without saying so is written with care. */
export interface RedeliveryMemory {
  /** Whether this batch was seen before; from now on it was. */
  isSeenAgain(gateway: GatewayId, boot: number, seq: number): boolean;
}

const BATCHES_KEPT = 50_000;

export const createRedeliveryMemory = (): RedeliveryMemory => {
  const seen = new Set<string>();
  return {
    isSeenAgain(gateway, boot, seq) {
      const key = `${gateway}/${boot}/${seq}`;
      if (seen.has(key)) return true;
      seen.add(key);
      const [oldest] = seen;
      if (seen.size > BATCHES_KEPT && oldest !== undefined) seen.delete(oldest);
      return false;
    },
  };
};
