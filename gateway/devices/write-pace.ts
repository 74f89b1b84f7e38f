import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { ProfileWrite, WritableQuantity } from '#gateway/profiles/device-profile.ts';

/** On both clocks. */
interface Moment {
  readonly monotonic: Monotonic;
  readonly civil: Instant;
}

interface Written {
  readonly value: number;
  readonly at: Moment;
  /** Since when it has this value; a write that repeats it does not begin it anew. */
  readonly since: Moment;
}

/** What keeps a write waiting: until when, and by which rule of the profile. */
export interface WriteWait {
  readonly againAt: Instant;
  readonly rule: string;
}

/**
 * How often one device may be written. Counted from what left for it, answered or not, and forgotten at a restart. What is
 * refused counts for nothing, so that asking again and again never puts an order off. The clock that has gone further says how
 * long it is: days of a simulated field that are lived in seconds are not held up, nor is anything by a clock put back.
 */
export class WritePace {
  readonly #clock: Clock;
  readonly #last = new Map<WritableQuantity, Written>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Null when the value may be written now. */
  waitOf(quantity: WritableQuantity, write: ProfileWrite, value: number): WriteWait | null {
    const last = this.#last.get(quantity);
    if (last === undefined) return null;
    const { minSecondsBetweenWrites, minOnSeconds = 0, minOffSeconds = 0 } = write;
    const isOn = last.value !== 0;
    const holdSeconds = (value !== 0) === isOn ? 0 : isOn ? minOnSeconds : minOffSeconds;
    const [betweenMs, holdMs] = [this.#left(last.at, minSecondsBetweenWrites), this.#left(last.since, holdSeconds)];
    const waitMs = Math.max(betweenMs, holdMs);
    if (waitMs <= 0) return null;
    const state = isOn ? 'on' : 'off';
    return {
      againAt: instant(Math.ceil(this.#clock.civilNow() + waitMs * this.#clock.speed)),
      rule:
        holdMs > betweenMs
          ? `it stays ${state} for ${holdSeconds} s at least`
          : `it is written each ${minSecondsBetweenWrites} s at most`,
    };
  }

  /** Called as the write leaves. */
  note(quantity: WritableQuantity, value: number): void {
    const at = { monotonic: this.#clock.monotonicNow(), civil: this.#clock.civilNow() };
    const last = this.#last.get(quantity);
    const isChange = last === undefined || (last.value !== 0) !== (value !== 0);
    this.#last.set(quantity, { value, at, since: isChange ? at : last.since });
  }

  #left({ monotonic, civil }: Moment, seconds: number): number {
    const elapsedMs = this.#clock.monotonicNow() - monotonic;
    const civilElapsedMs = (this.#clock.civilNow() - civil) / this.#clock.speed;
    return seconds * 1000 - Math.max(elapsedMs, civilElapsedMs);
  }
}
