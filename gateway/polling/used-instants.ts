import { type Instant, instant } from '#domain/civil-time.ts';

const CHUNK_BYTES = 1024;
/** Most that one use takes: a gap of any length, and a place. */
const LONGEST_USE_BYTES = 16;
const SEVEN_BITS = 128;

/** Uses that follow each other, each as its distance from the one before. */
class Chunk {
  readonly #startsAt: Instant;
  readonly #bytes = new Uint8Array(CHUNK_BYTES);
  #length = 0;
  #lastAt: Instant;
  #lastPlace = -1;
  earliest: Instant;
  latest: Instant;

  constructor(startsAt: Instant) {
    this.#startsAt = startsAt;
    this.#lastAt = startsAt;
    this.earliest = startsAt;
    this.latest = startsAt;
  }

  get isFull(): boolean {
    return this.#length + LONGEST_USE_BYTES > CHUNK_BYTES;
  }

  add(place: number, at: Instant): void {
    const gap = at - this.#lastAt;
    // the usual use is of the next place, later, and takes a byte up to 63 ms; of any other, place and sign are said too
    const isUsual = place === this.#lastPlace + 1 && gap >= 0;
    this.#put(Math.abs(gap) * 2 + (isUsual ? 0 : 1));
    if (!isUsual) this.#put(place * 2 + (gap < 0 ? 1 : 0));
    this.#lastAt = at;
    this.#lastPlace = place;
    this.earliest = instant(Math.min(this.earliest, at));
    this.latest = instant(Math.max(this.latest, at));
  }

  has(place: number, at: Instant): boolean {
    let usedAt: number = this.#startsAt;
    let usedPlace = -1;
    for (let offset = 0; offset < this.#length; ) {
      const [code, afterCode] = this.#take(offset);
      const isUsual = code % 2 === 0;
      const [said, afterPlace] = isUsual ? [(usedPlace + 1) * 2, afterCode] : this.#take(afterCode);
      const gap = Math.floor(code / 2);
      usedAt += said % 2 === 0 ? gap : -gap;
      usedPlace = Math.floor(said / 2);
      offset = afterPlace;
      if (usedPlace === place && usedAt === at) return true;
    }
    return false;
  }

  /** Seven bits a byte, the least significant first; the eighth says that more come. */
  #put(value: number): void {
    let rest = value;
    for (; rest >= SEVEN_BITS; rest = Math.floor(rest / SEVEN_BITS))
      this.#bytes[this.#length++] = (rest % SEVEN_BITS) + SEVEN_BITS;
    this.#bytes[this.#length++] = rest;
  }

  #take(offset: number): readonly [value: number, next: number] {
    let value = 0;
    let unit = 1;
    for (let at = offset; ; at += 1, unit *= SEVEN_BITS) {
      const byte = this.#bytes[at] ?? 0;
      value += (byte % SEVEN_BITS) * unit;
      if (byte < SEVEN_BITS) return [value, at + 1];
    }
  }
}

/**
 * Which instants were used at which places, remembered in a byte or two each while the places are used in turn: a building of
 * 500 meters read each second uses two million in an hour. To look one up costs more than to add one: it is for a clock that was put back.
 */
export class UsedInstants {
  #chunks: Chunk[] = [];

  add(place: number, at: Instant): void {
    const last = this.#chunks.at(-1);
    const chunk = last === undefined || last.isFull ? new Chunk(at) : last;
    if (chunk !== last) this.#chunks.push(chunk);
    chunk.add(place, at);
  }

  has(place: number, at: Instant): boolean {
    return this.#chunks.some((chunk) => chunk.earliest <= at && at <= chunk.latest && chunk.has(place, at));
  }

  /** Forgets, in the order of their use, those that are all before; some of them a little later. */
  forgetBefore(at: Instant): void {
    while (this.#chunks.length > 1 && (this.#chunks[0]?.latest ?? at) < at) this.#chunks.shift();
  }
}
