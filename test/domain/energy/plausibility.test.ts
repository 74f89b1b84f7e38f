import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expectation, judge, NOTHING_SEEN, type Suspicion, type Track, watchCounter } from '#domain/energy/plausibility.ts';

const counter: Expectation = { isCounter: true, mostPerSecond: 10, slack: 100, least: -1, most: 1 };
const power: Expectation = { isCounter: false, mostPerSecond: 0, slack: 0, least: -9000, most: 9000 };

/** What is thought of values that come ten seconds apart. */
const suspicions = (values: readonly number[], expectation: Expectation): readonly (Suspicion | null)[] => {
  let track: Track = NOTHING_SEEN;
  return values.map((value, index) => {
    const judged = judge(track, { value, atSeconds: index * 10 }, expectation);
    track = judged.track;
    return judged.suspicion;
  });
};

describe('a register that only grows', () => {
  test('is believed while it rises no faster than its meter can count', () => {
    expect(suspicions([1_000_000, 1_000_000, 1_000_050, 1_000_250], counter)).toEqual([null, null, null, null]);
  });

  test('is doubted alone when one answer was corrupt, and what follows is compared with what was believed', () => {
    expect(suspicions([1_000_000, 4_000_000, 1_000_050, 12, 1_000_100], counter)).toEqual([
      null,
      'too-fast',
      null,
      'went-back',
      null,
    ]);
  });

  test('read with its words in the wrong order is recognised', () => {
    expect(suspicions([1500, 1500 * 65_536, 1510], counter)).toEqual([null, 'words-swapped', null]);
    expect(suspicions([1500 * 65_536, 1500], counter)).toEqual([null, 'words-swapped']);
  });

  test('of a meter that was replaced is believed at the third reading that agrees', () => {
    expect(suspicions([1_000_000, 5, 6, 7, 8], counter)).toEqual([null, 'went-back', 'went-back', null, null]);
  });

  test('is not believed for three doubtful readings that do not agree', () => {
    expect(suspicions([1_000_000, 5, 700_000, 90, 1_000_010], counter)).toEqual([
      null,
      'went-back',
      'went-back',
      'went-back',
      null,
    ]);
  });

  test('and grows as its meter can is never doubted, whatever the load', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 50 }), (rises) => {
        let register = 70_000;
        const values = rises.map((rise) => (register += rise));
        expect(suspicions(values, counter).every((suspicion) => suspicion === null)).toBe(true);
      }),
    );
  });

  test('with one value out of bounds anywhere doubts that value and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 18 }), fc.integer({ min: 1_000_000, max: 2 ** 40 }), (place, wrong) => {
        const values = Array.from({ length: 20 }, (_each, index) => (index === place ? wrong : 70_000 + index));
        const doubted = suspicions(values, counter).flatMap((suspicion, index) => (suspicion === null ? [] : [index]));
        expect(doubted).toEqual([place]);
      }),
    );
  });
});

describe('a measure', () => {
  test('beyond what the installation can have is never believed, however often it comes', () => {
    expect(suspicions([900, 12_000, 12_000, 12_000, 12_000, 900], power)).toEqual([
      null,
      'beyond-rating',
      'beyond-rating',
      'beyond-rating',
      'beyond-rating',
      null,
    ]);
  });

  test('may move as it likes inside', () => {
    expect(suspicions([0, 8999, -8999, 3], power)).toEqual([null, null, null, null]);
  });
});

describe('a counter that stays while power flows', () => {
  test('ought to have counted the lesser power of each step', () => {
    const first = watchCounter(null, { counterWh: 500, powerW: 3600, atSeconds: 0 });
    const second = watchCounter(first, { counterWh: 500, powerW: 1800, atSeconds: 10 });
    expect(watchCounter(second, { counterWh: 500, powerW: 3600, atSeconds: 20 }).expectedWh).toBe(10);
  });

  test('ought to have counted nothing once it moves, gives power back, or was not read for long', () => {
    const before = { counterWh: 500, powerW: 3600, atSeconds: 0, expectedWh: 40 };
    expect(watchCounter(before, { counterWh: 501, powerW: 3600, atSeconds: 10 }).expectedWh).toBe(0);
    expect(watchCounter(before, { counterWh: 500, powerW: -3600, atSeconds: 10 }).expectedWh).toBe(40);
    expect(watchCounter(before, { counterWh: 500, powerW: 3600, atSeconds: 10_000 }).expectedWh).toBe(40);
  });
});
