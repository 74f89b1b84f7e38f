import type { ErrorCode } from '#contract/errors.ts';
import type { Report } from '#contract/messages/report.ts';
import type { EdgeEvent } from '#contract/messages/telemetry.ts';
import type { StoredReading } from '#contract/ports/time-series-store.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';
import type { GrainClaim } from '../accept/grain-ledger.ts';

/** A batch that was looked at: what of it is to be kept, and what will never be. */
export interface CheckedBatch {
  readonly gateway: GatewayId;
  readonly boot: number;
  readonly seq: number;
  /** First of the numbers it stands for: with a gap, those that the gap replaces. */
  readonly from: number;
  /** Sent late or again, by its own word or by our memory. */
  readonly redelivered: boolean;
  readonly readings: readonly StoredReading[];
  readonly claims: readonly GrainClaim[];
  readonly events: readonly EdgeEvent[];
  readonly reports: readonly Report[];
  /** Readings of a point that were refused while the rest is kept. */
  readonly refusedPoints: readonly { readonly point: PointId; readonly code: ErrorCode }[];
  /** The whole batch is refused: nothing of it is kept. */
  readonly refused: ErrorCode | null;
}
