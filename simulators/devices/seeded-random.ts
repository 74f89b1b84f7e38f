/** A 32-bit seed out of several parts (FNV-1a): the same parts, the same seed, on every machine. */
export const seedOf = (...parts: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  for (const character of parts.join('/')) {
    hash ^= character.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
};

/** The next number in [0, 1) at each call (mulberry32). */
export type SeededRandom = () => number;

export const createRandom = (seed: number): SeededRandom => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
};

const latticeValue = (seed: number, place: number): number => createRandom(seed ^ Math.imul(place, 0x9e3779b1))();

/** A number in [-1, 1] that wanders smoothly: near at near places, unrelated one unit away. */
export const wander = (seed: number, place: number): number => {
  const whole = Math.floor(place);
  const share = place - whole;
  const eased = share * share * (3 - 2 * share);
  return 2 * (latticeValue(seed, whole) * (1 - eased) + latticeValue(seed, whole + 1) * eased) - 1;
};

/** Whole number of events of a Poisson law of that mean; for means below about 30. */
export const countEvents = (random: SeededRandom, mean: number): number => {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count += 1;
  return count;
};
