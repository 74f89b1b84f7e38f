import type { Monotonic } from '#contract/ports/clock.ts';
import type { Instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import type { DeviceFaultSwitch } from '../scenarios/field-fault.ts';

/** A device at its unit id on the site's bus. */
export interface FieldUnit {
  readonly unitId: number;
  readonly device: string;
  /** Register facts it speaks by; two names joined by + where the product has two maps. */
  readonly profile: string;
  /** No such product exists. */
  readonly fictitious: boolean;
  readonly modbus: ModbusUnit;
}

/** A place that behaves. */
export interface FieldSite {
  readonly site: string;
  readonly units: readonly FieldUnit[];
  readonly deviceFaults: readonly DeviceFaultSwitch[];
  /** Moves its physics up to a civil instant; false, and nothing moves, when that is in its past. */
  settleAt(at: Instant): boolean;
  /** Up to which instant it has lived. */
  livedUntil(): Instant;
  /** What a restart continues from, to be written as JSON. */
  snapshot(): unknown;
}

export interface FieldSiteOptions {
  readonly facts: RegisterFacts;
  readonly seed: number;
  /** Where a place without a past begins. */
  readonly startsAt: Instant;
  /** What `snapshot()` gave before a restart; null for a place without a past. Throws ZodError for anything else. */
  readonly past: unknown;
  readonly monotonicNow: () => Monotonic;
  /** A lamp level, a relay or a setting was changed from outside. */
  readonly onChange: () => void;
}
