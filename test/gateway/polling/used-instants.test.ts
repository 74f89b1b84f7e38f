import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant } from '#domain/civil-time.ts';
import { PointInstants } from '#gateway/polling/point-instants.ts';
import { UsedInstants } from '#gateway/polling/used-instants.ts';

const BEGINNING = 1_800_000_000_000;

test('what was used is known, and nothing else, whatever the clock did', () => {
  const use = fc.tuple(fc.nat(300), fc.oneof(fc.nat(5), fc.nat(100_000), fc.integer({ min: -4_000_000, max: 4_000_000 })));
  fc.assert(
    fc.property(fc.array(use, { maxLength: 1500 }), (uses) => {
      const known = new UsedInstants();
      const expected = new Set<string>();
      let at = BEGINNING;
      for (const [place, step] of uses) {
        at += step;
        known.add(place, instant(at));
        expected.add(`${place} ${at}`);
      }
      for (const [place, step] of uses) expect(known.has(place, instant(at - step))).toBe(expected.has(`${place} ${at - step}`));
      for (const each of expected) {
        const [place = 0, usedAt = 0] = each.split(' ').map(Number);
        expect(known.has(place, instant(usedAt))).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

test('an hour lived twice, and part of it three times, uses no instant of a point twice', () => {
  const points = new PointInstants();
  const claimed = Array.from({ length: 20 }, () => new Set<number>());
  let claims = 0;
  const live = (fromMs: number, seconds: number): void => {
    for (let second = 0; second < seconds; second += 1)
      for (const [place, used] of claimed.entries()) {
        used.add(points.claim(`point-${place}`, instant(BEGINNING + fromMs + second * 1000 + place * 15)));
        claims += 1;
      }
  };
  live(0, 3600);
  live(0, 900);
  live(300_000, 100);
  expect(claimed.reduce((sum, used) => sum + used.size, 0)).toBe(claims);
});
