import type { Telemetry } from '#contract/messages/telemetry.ts';
import type { Clock } from '#contract/ports/clock.ts';
import { formatInstant, type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { elapsedStamp, isElapsedStamp } from './elapsed-stamp.ts';

/** Which civil instant the zero of a boot's elapsed stamps was. */
export interface Anchor {
  readonly boot: number;
  readonly startedAt: Instant;
  /** False: the boot ended before its clock was known; this is the latest that it can have been. */
  readonly isKnown: boolean;
}

interface AnchorRecord {
  readonly anchor: { readonly boot: number; readonly startedAt: string; readonly isKnown: boolean };
}

const PREFIX = '{"anchor":{';

export const encodeAnchor = ({ boot, startedAt, isKnown }: Anchor): Uint8Array => {
  const record: AnchorRecord = { anchor: { boot, startedAt: formatInstant(startedAt), isKnown } };
  return new TextEncoder().encode(JSON.stringify(record));
};

/** Null when the record is no anchor. */
export const parseAnchor = (payload: Uint8Array): Anchor | null => {
  if (new TextDecoder().decode(payload.subarray(0, PREFIX.length)) !== PREFIX) return null;
  const { anchor } = JSON.parse(new TextDecoder().decode(payload)) as AnchorRecord;
  return { ...anchor, startedAt: parseInstant(anchor.startedAt) };
};

/**
 * The anchors of all boots that still have something to send. That of the running boot is fixed once, when its clock is first
 * known, so that a stamp is the same however often it is asked for.
 */
export class ClockAnchors {
  readonly #clock: Clock;
  readonly #boot: number;
  readonly #kept = new Map<number, Anchor>();
  #current: Anchor | null = null;

  constructor(clock: Clock, boot: number) {
    this.#clock = clock;
    this.#boot = boot;
  }

  /** Of the running boot; null while its clock was never known. */
  current(): Anchor | null {
    const clock = this.#clock;
    if (this.#current === null && clock.civilState() !== 'unknown') {
      const startedAt = instant(clock.civilNow() - elapsedStamp(clock.monotonicNow(), clock.speed));
      this.#current = { boot: this.#boot, startedAt, isKnown: true };
    }
    return this.#current;
  }

  /** One that is on the disk: only such a one may be used for what is sent. */
  keptOf(boot: number): Anchor | null {
    return this.#kept.get(boot) ?? null;
  }

  keep(anchor: Anchor): void {
    this.#kept.set(anchor.boot, anchor);
  }
}

const stamped = (at: string, anchor: Anchor): string =>
  isElapsedStamp(at) ? formatInstant(instant(anchor.startedAt + parseInstant(at))) : at;

const doubtful = ({ values, quality = {} }: Telemetry['readings'][number]): Telemetry['readings'][number]['quality'] => ({
  ...quality,
  ...Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, 'doubtful']]))),
});

/** The batch with civil instants. Values whose instant is only the latest possible are doubtful. */
export const stampBatch = <T extends Pick<Telemetry, 'readings' | 'events' | 'reports'>>(batch: T, anchor: Anchor): T => {
  const { readings, events, reports } = batch;
  return {
    ...batch,
    readings: readings.map((reading) => {
      const at = stamped(reading.at, anchor);
      if (at === reading.at) return reading;
      return anchor.isKnown ? { ...reading, at } : { ...reading, at, quality: doubtful(reading) };
    }),
    ...(events === undefined ? {} : { events: events.map((event) => ({ ...event, at: stamped(event.at, anchor) })) }),
    ...(reports === undefined ? {} : { reports: reports.map((report) => ({ ...report, at: stamped(report.at, anchor) })) }),
  };
};

/** What the log says of a boot that has something to send. */
export interface BootTrace {
  readonly boot: number;
  /** Latest elapsed stamp, or null when it has none. */
  readonly lastElapsed: Instant | null;
  /** Earliest civil instant, or null. */
  readonly firstCivil: Instant | null;
}

/**
 * Anchors for the boots that have none. A boot ended before the next began and before anything civil that it wrote: its last
 * elapsed stamp is put there. `traces` in any order; `current` is known.
 */
export const missingAnchors = (traces: readonly BootTrace[], anchors: ClockAnchors, current: Anchor): readonly Anchor[] => {
  const found: Anchor[] = [];
  let end = current.startedAt;
  for (const { boot, lastElapsed, firstCivil } of traces.toSorted((a, b) => b.boot - a.boot)) {
    end = firstCivil !== null && boot !== current.boot ? instant(Math.min(end, firstCivil)) : end;
    const known = boot === current.boot ? current : anchors.keptOf(boot);
    const anchor = known ?? (lastElapsed === null ? null : { boot, startedAt: instant(end - lastElapsed - 1), isKnown: false });
    if (anchor === null) continue;
    if (lastElapsed !== null && anchors.keptOf(boot) === null) found.push(anchor);
    end = instant(Math.min(end, anchor.startedAt));
  }
  return found;
};
