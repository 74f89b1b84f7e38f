import type { ConsentsDocument } from '#contract/messages/documents.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { civilDateOf, type Instant, parseInstant, startOfDay, startOfStep, type TimeZone, timeZone } from '#domain/civil-time.ts';
import type { PointId } from '#domain/identifiers.ts';
import { parseBatch } from '#gateway/outbox/batch-record.ts';

export interface GrainDependencies {
  readonly shelf: DocumentShelf;
  readonly clock: Clock;
  readonly zone: TimeZone;
}

const SHELF_NAME = 'grain';
const HALF_HOUR_SECONDS = 1800;

/**
 * A dwelling's point publishes the first reading of each civil step of the grain its tenant consented to: the day unless
 * the `consents` document says half an hour. What was published is remembered over restarts.
 */
export class Grain {
  readonly #deps: GrainDependencies;
  /** Start of the last step published, by point. */
  readonly #published = new Map<string, number>();
  #consents: ConsentsDocument | null = null;
  #points: ReadonlySet<PointId> = new Set();

  constructor(deps: GrainDependencies) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const text = await this.#deps.shelf.get(SHELF_NAME);
    if (text === null) return;
    for (const [point, step] of Object.entries(JSON.parse(text) as Record<string, number>)) this.#published.set(point, step);
  }

  /** Measurement points of dwellings. */
  take(points: ReadonlySet<PointId>): void {
    this.#points = points;
  }

  /** Counts what a batch of the outbox holds as published: a crash may have come before the memory was saved. */
  recover(payload: Uint8Array): void {
    if (this.#points.size === 0) return;
    for (const { point, at } of parseBatch(payload).readings)
      if (this.#points.has(point)) this.#count(point, this.#stepOf(point, parseInstant(at)));
  }

  obey(consents: ConsentsDocument | null): void {
    this.#consents = consents;
  }

  /** Whether a reading at an instant is the first of its step. A clock that is not known publishes nothing of a dwelling. */
  isDue(point: PointId, at: Instant): boolean {
    if (this.#deps.clock.civilState() === 'unknown') return false;
    return this.#stepOf(point, at) > (this.#published.get(point) ?? Number.NEGATIVE_INFINITY);
  }

  /** To be called once the readings are in the outbox; resolves when it is remembered. */
  async published(readings: readonly { readonly point: PointId; readonly at: Instant }[]): Promise<void> {
    if (readings.length === 0) return;
    for (const { point, at } of readings) this.#count(point, this.#stepOf(point, at));
    await this.#deps.shelf.put(SHELF_NAME, JSON.stringify(Object.fromEntries(this.#published)));
  }

  #count(point: PointId, step: number): void {
    this.#published.set(point, Math.max(step, this.#published.get(point) ?? step));
  }

  #stepOf(point: PointId, at: Instant): number {
    const zone = this.#consents === null ? this.#deps.zone : timeZone(this.#consents.timeZone);
    const grain = this.#consents?.points.find((consent) => consent.point === point)?.displayGrain ?? 'day';
    return grain === 'day' ? startOfDay(civilDateOf(at, zone), zone) : startOfStep(at, HALF_HOUR_SECONDS, zone);
  }
}
