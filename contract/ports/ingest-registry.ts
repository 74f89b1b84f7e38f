import type { ErrorCode } from '#contract/errors.ts';
import type { Report } from '#contract/messages/report.ts';
import type { EdgeEvent } from '#contract/messages/telemetry.ts';
import type { Privacy } from '#contract/ports/time-series-store.ts';
import type { Instant, TimeZone } from '#domain/civil-time.ts';
import type { DisplayGrain } from '#domain/housing/consent.ts';
import type { GatewayId, PointId } from '#domain/identifiers.ts';

/** A measurement point bound to a meter and a gateway by dates: a replacement keeps the curve. */
export interface PointBinding {
  readonly point: PointId;
  readonly gateway: GatewayId;
  readonly privacy: Privacy;
  /** Zone of the site: civil days of the grain rule are its days. */
  readonly zone: TimeZone;
  readonly from: Instant;
  /** Exclusive; null while it lasts. */
  readonly to: Instant | null;
}

/** What a dwelling point may publish, from an instant on. */
export interface GrainPeriod {
  readonly point: PointId;
  readonly grain: DisplayGrain;
  readonly from: Instant;
  /** Exclusive; null while it lasts. */
  readonly to: Instant | null;
}

export interface QuarantinedMessage {
  readonly receivedAt: Instant;
  readonly topic: string;
  readonly code: ErrorCode;
  readonly why: string;
  /** First bytes of the payload, as text, never of a dwelling's reading. */
  readonly excerpt: string;
}

export interface EdgeEventRecord extends EdgeEvent {
  readonly gateway: GatewayId;
}

/** What ingest reads, and the tables it alone writes. */
export interface IngestRegistry {
  /** Bindings of a gateway, past and present. */
  bindingsOf(gateway: GatewayId): Promise<readonly PointBinding[]>;
  /** Bindings of a point to any gateway, past and present: tells an unknown point from another gateway's. */
  bindingsOfPoint(point: PointId): Promise<readonly PointBinding[]>;
  /** Grain of dwelling points of a gateway, past and present; a point or a time without any is `day`. */
  grainsOf(gateway: GatewayId): Promise<readonly GrainPeriod[]>;
  /** Grows whenever bindings or grains change, so that they can be kept in memory. */
  assetsRevision(): Promise<number>;
  /** Idempotent on (id, device, phase, at). */
  saveReports(gateway: GatewayId, reports: readonly Report[]): Promise<void>;
  /** Idempotent on (gateway, event, device, at). */
  saveEvents(gateway: GatewayId, events: readonly EdgeEvent[]): Promise<void>;
  /** Keeps the newest 1,000. */
  quarantine(message: QuarantinedMessage): Promise<void>;
  quarantined(limit: number): Promise<readonly QuarantinedMessage[]>;
}

/** Reports and events as control and the pages read them. */
export interface EdgeJournal {
  reportsOf(orders: readonly string[]): Promise<readonly (Report & { readonly gateway: GatewayId })[]>;
  /** Newest first. */
  eventsOf(gateways: readonly GatewayId[], limit: number): Promise<readonly EdgeEventRecord[]>;
}
