import { type Instant, instant } from '#domain/civil-time.ts';
import { UsedInstants } from './used-instants.ts';

/** How far back a clock may be put before an instant could be used twice. */
const REMEMBERED_MS = 75 * 60_000;

/**
 * The instants that each point has used within this boot: the store keeps one value per point, quantity and instant, so that a
 * clock put back must not give one twice. Such a reading is the next free millisecond later.
 */
export class PointInstants {
  readonly #places = new Map<string, number>();
  readonly #latest: Instant[] = [];
  readonly #used = new UsedInstants();

  claim(point: string, at: Instant): Instant {
    const place = this.#placeOf(point);
    const latest = this.#latest[place];
    let free = at;
    if (latest !== undefined && at <= latest) while (this.#used.has(place, free)) free = instant(free + 1);
    this.#used.add(place, free);
    this.#latest[place] = latest === undefined ? free : instant(Math.max(latest, free));
    this.#used.forgetBefore(instant((this.#latest[place] ?? free) - REMEMBERED_MS));
    return free;
  }

  #placeOf(point: string): number {
    const known = this.#places.get(point) ?? this.#places.size;
    this.#places.set(point, known);
    return known;
  }
}
