import type { Instant } from '#domain/civil-time.ts';
import { parseInstant } from '#domain/civil-time.ts';
import type { DeviceId, GroupId } from '#domain/identifiers.ts';

export type OverrideTarget =
  | { readonly kind: 'all' }
  | { readonly kind: 'group'; readonly group: GroupId }
  | { readonly kind: 'device'; readonly device: DeviceId };

/** A temporary departure from the program. It always has an end; the last one begun wins. */
export interface Override {
  readonly id: string;
  readonly target: OverrideTarget;
  readonly levelPercent: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly by: string;
  readonly reason: string;
}

/** Dates written as ISO text become instants. */
export const overrideFrom = (
  written: Omit<Override, 'startsAt' | 'endsAt'> & { readonly startsAt: string; readonly endsAt: string },
): Override => ({ ...written, startsAt: parseInstant(written.startsAt), endsAt: parseInstant(written.endsAt) });

/** The override in force: of those begun and not ended, the last begun; between two begun together, the last in the list. */
export const overrideInForce = (overrides: readonly Override[], at: Instant): Override | null =>
  overrides.reduce<Override | null>((winner, candidate) => {
    if (at < candidate.startsAt || at >= candidate.endsAt) return winner;
    return winner === null || candidate.startsAt >= winner.startsAt ? candidate : winner;
  }, null);
