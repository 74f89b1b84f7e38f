import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { addDays, civilDateOf, type Instant, instant, startOfDay, startOfStep, type TimeZone } from '#domain/civil-time.ts';
import type { DisplayGrain } from '#domain/housing/consent.ts';
import type { PointId } from '#domain/identifiers.ts';

/** A value of a dwelling that asks for its place. */
export interface GrainClaim {
  readonly point: PointId;
  readonly quantity: QuantityName;
  readonly at: Instant;
  readonly grain: DisplayGrain;
  readonly zone: TimeZone;
}

/**
 * At most one instant per dwelling point, quantity and slot: a civil day, or half an hour. The same instant again is
 * welcome: it is the same reading. What a former run accepted is found in the store.
 */
export interface GrainLedger {
  /** Whether the slot is free or held by this very instant, and takes it. Rejects with `STORE_UNAVAILABLE`. */
  claim(claim: GrainClaim): Promise<boolean>;
  /** Gives back what was claimed for a batch that was not stored. */
  release(claims: readonly GrainClaim[]): void;
}

const HALF_HOUR_SECONDS = 1_800;
/** Slots kept in memory; an older one is found in the store again. */
const SLOTS_KEPT = 100_000;

const slotOf = ({ at, grain, zone }: GrainClaim): { readonly from: Instant; readonly to: Instant } => {
  if (grain === '30min') {
    const from = startOfStep(at, HALF_HOUR_SECONDS, zone);
    return { from, to: instant(from + HALF_HOUR_SECONDS * 1_000) };
  }
  const day = civilDateOf(at, zone);
  return { from: startOfDay(day, zone), to: startOfDay(addDays(day, 1), zone) };
};

export const createGrainLedger = (store: TimeSeriesStore): GrainLedger => {
  const holders = new Map<string, Instant>();
  const keyOf = (claim: GrainClaim): string => `${claim.point}/${claim.quantity}/${claim.grain}/${slotOf(claim).from}`;

  const storedIn = async (claim: GrainClaim): Promise<Instant | null> => {
    const { from, to } = slotOf(claim);
    const first = await store.firstAtOrAfter({ point: claim.point, privacy: 'dwelling' }, claim.quantity, from);
    return first !== null && first.at < to ? first.at : null;
  };

  const remember = (key: string, at: Instant): void => {
    holders.set(key, at);
    const [oldest] = holders.keys();
    if (holders.size > SLOTS_KEPT && oldest !== undefined) holders.delete(oldest);
  };

  return {
    async claim(claim) {
      const key = keyOf(claim);
      const holder = holders.get(key) ?? (await storedIn(claim)) ?? claim.at;
      remember(key, holder);
      return holder === claim.at;
    },
    release(claims) {
      for (const claim of claims) if (holders.get(keyOf(claim)) === claim.at) holders.delete(keyOf(claim));
    },
  };
};
