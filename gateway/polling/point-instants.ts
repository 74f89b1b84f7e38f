import { type Instant, instant } from '#domain/civil-time.ts';

/** How far back a clock may be put before an instant could be used twice. */
const REMEMBERED_MS = 75 * 60_000;
/** Old ones are let go of this many at a time. */
const FORGOTTEN_AT_ONCE = 64;

/**
 * The instants that each point has used within this boot: the store keeps one value per point, quantity and instant, so that a
 * clock put back must not give one twice. Such a reading is the next free millisecond later.
 */
export class PointInstants {
  readonly #used = new Map<string, Instant[]>();
  readonly #latest = new Map<string, Instant>();

  claim(point: string, at: Instant): Instant {
    const used = this.#used.get(point) ?? [];
    const latest = this.#latest.get(point);
    let free = at;
    if (latest !== undefined && at <= latest) while (used.includes(free)) free = instant(free + 1);
    used.push(free);
    this.#used.set(point, used);
    this.#latest.set(point, latest === undefined ? free : instant(Math.max(latest, free)));
    this.#forgetOld(used, latest ?? free);
    return free;
  }

  /** Those that no step of an hour reaches any more. In order of use, so that the oldest come first. */
  #forgetOld(used: Instant[], latest: Instant): void {
    const oldest = used[FORGOTTEN_AT_ONCE - 1];
    if (oldest !== undefined && latest - oldest > REMEMBERED_MS) used.splice(0, FORGOTTEN_AT_ONCE);
  }
}
