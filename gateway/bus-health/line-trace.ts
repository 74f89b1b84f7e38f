import type { Clock } from '#contract/ports/clock.ts';
import type { TracedFrame } from '#contract/routes/gateway.ts';
import { formatInstant } from '#domain/civil-time.ts';

export type LineFrame = Omit<TracedFrame, 'bus'>;
type Listener = (frame: LineFrame) => void;

/** What passes on one line, for those who listen now; while nobody does, nothing is written down. */
export class LineTrace {
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #unitId: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns how to stop. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  asks(unitId: number): void {
    this.#unitId = unitId;
  }

  sent(bytes: Uint8Array): void {
    this.#tell('sent', bytes, '');
  }

  received(bytes: Uint8Array): void {
    this.#tell('received', bytes, '');
  }

  settles(outcome: string): void {
    this.#tell('outcome', null, outcome);
    this.#unitId = null;
  }

  #tell(direction: LineFrame['direction'], bytes: Uint8Array | null, outcome: string): void {
    if (this.#listeners.size === 0) return;
    const hex = bytes === null ? '' : Buffer.from(bytes).toString('hex');
    const frame = { at: formatInstant(this.#clock.civilNow()), direction, unitId: this.#unitId, hex, outcome };
    for (const listener of this.#listeners) listener(frame);
  }
}
