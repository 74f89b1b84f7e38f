import type { ErrorCode } from '#contract/errors.ts';
import type { Report } from '#contract/messages/report.ts';
import type { EdgeEvent } from '#contract/messages/telemetry.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { stampNow } from './elapsed-stamp.ts';

export interface JournalDependencies {
  readonly clock: Clock;
  /** The live copy of a report; its durable one travels in the outbox. */
  readonly publishReport: (report: Report) => void;
}

const WHY_CHARACTERS = 300;

/** What a report says beside its order, its device and its phase. */
export interface ReportDetails {
  readonly readBack?: Report['readBack'];
  readonly proof?: Report['proof'];
  readonly code?: ErrorCode;
  readonly why?: string;
}

/** Events and reports since the last batch. */
export class Journal {
  readonly #deps: JournalDependencies;
  #events: EdgeEvent[] = [];
  #reports: Report[] = [];

  constructor(deps: JournalDependencies) {
    this.#deps = deps;
  }

  event(event: EdgeEvent['event'], device: DeviceId | null, detail?: EdgeEvent['detail']): void {
    const at = formatInstant(stampNow(this.#deps.clock));
    this.#events.push({ event, at, ...(device === null ? {} : { device }), ...(detail === undefined ? {} : { detail }) });
  }

  report(id: string, device: DeviceId | null, phase: Report['phase'], details: ReportDetails = {}): void {
    const { why, ...others } = details;
    const report: Report = {
      id,
      phase,
      at: formatInstant(stampNow(this.#deps.clock)),
      ...(device === null ? {} : { device }),
      ...others,
      ...(why === undefined ? {} : { why: why.slice(0, WHY_CHARACTERS) }),
    };
    this.#reports.push(report);
    this.#deps.publishReport(report);
  }

  get isEmpty(): boolean {
    return this.#events.length === 0 && this.#reports.length === 0;
  }

  /** Takes what waits, as much as a batch may hold. */
  take(): { readonly events: readonly EdgeEvent[]; readonly reports: readonly Report[] } {
    return { events: this.#events.splice(0, 1000), reports: this.#reports.splice(0, 1000) };
  }
}
