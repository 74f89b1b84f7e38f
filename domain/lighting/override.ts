import type { Instant } from '#domain/civil-time.ts';
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
