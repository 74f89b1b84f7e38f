import type { Instant, TimeZone } from '#domain/civil-time.ts';

/** Housekeeping by civil time (retention, publishable cells). Switching instants of lights never come from here. */
export interface Scheduler {
  /** Runs `job` at each civil time that the cron expression names, in its zone. A run that is late is run once. */
  every(name: string, cron: string, zone: TimeZone, job: (at: Instant) => Promise<void>): void;
  /** Runs now every job whose time has come since the last call; tests and moved clocks use it. */
  runDue(now: Instant): Promise<void>;
  stop(): Promise<void>;
}
