import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instant, instant } from '#domain/civil-time.ts';
import type { LevelReason } from '#domain/lighting/level-reason.ts';
import { createLevelResolver, resolveLevel } from '#domain/lighting/resolve-level.ts';
import { LAMP, ladderCase } from './plan-arbitrary.ts';
import { slowLevel } from './slow-ladder.ts';

const PLANS = 1000;
const INSTANTS = 100;
const DAY = 86_400_000;

const saidShortly = (why: LevelReason): string => {
  switch (why.rung) {
    case 'safety':
      return `safety over ${saidShortly(why.over)}`;
    case 'override':
      return `override ${why.id}`;
    case 'sensor':
      return `sensor ${why.sensor} control ${why.control} program ${why.program.id}`;
    case 'calendar':
      return `calendar ${why.id} ${why.rule === null ? 'default' : `rule ${why.rule}`} program ${why.program.id} ${why.active ? 'active' : 'inactive'}`;
    case 'program':
      return `program ${why.id} ${why.active ? 'active' : 'inactive'}`;
    case 'default':
      return 'default';
  }
};

describe('the ladder', () => {
  test(`gives the level and the reason that the standard reads as, on ${PLANS * INSTANTS} cases`, () => {
    const rungs = new Map<string, number>();
    fc.assert(
      fc.property(ladderCase(INSTANTS), ({ plan, overrides, sensors, instants }) => {
        const resolver = createLevelResolver(plan);
        for (const at of instants) {
          const { levelPercent, why } = resolver.resolve(LAMP, at, overrides, sensors);
          rungs.set(why.rung, (rungs.get(why.rung) ?? 0) + 1);
          expect({ levelPercent, why: saidShortly(why) }).toEqual(slowLevel(plan, LAMP, overrides, sensors, at));
        }
      }),
      { numRuns: PLANS },
    );
    expect([...rungs.keys()].sort()).toEqual(['calendar', 'default', 'override', 'program', 'safety', 'sensor']);
  }, 60_000);

  test('changes at the next change that it foresees, and not before', () => {
    fc.assert(
      fc.property(
        ladderCase(4),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ plan, overrides, sensors, instants }, share) => {
          for (const at of instants) {
            const now = resolveLevel({ device: LAMP, plan, overrides, sensors, at });
            const until = now.nextChangeAt ?? instant(at + DAY);
            const meanwhile = instant(at + Math.floor(share * (until - at)));
            const then = resolveLevel({ device: LAMP, plan, overrides, sensors, at: meanwhile });
            expect({ levelPercent: then.levelPercent, why: then.why }).toEqual({ levelPercent: now.levelPercent, why: now.why });
            if (now.nextChangeAt === null) continue;
            const next = resolveLevel({ device: LAMP, plan, overrides, sensors, at: now.nextChangeAt });
            expect({ levelPercent: next.levelPercent, why: next.why }).not.toEqual({
              levelPercent: now.levelPercent,
              why: now.why,
            });
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('foresees 400 nights ahead what it says that night', () => {
    fc.assert(
      fc.property(ladderCase(10), fc.integer({ min: 1, max: 400 }), ({ plan, overrides, sensors, instants }, nights) => {
        const today = createLevelResolver(plan);
        for (const at of instants) {
          today.resolve(LAMP, instant(at - nights * DAY), overrides, sensors);
          const thatNight = createLevelResolver(plan).resolve(LAMP, at, overrides, sensors);
          expect(today.resolve(LAMP, at, overrides, sensors)).toEqual(thatNight);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an override never outlives its end, nor the level it gave', () => {
    fc.assert(
      fc.property(ladderCase(1), ({ plan, overrides, sensors }) => {
        for (const { endsAt } of overrides) {
          const without = (at: Instant) =>
            resolveLevel({ device: LAMP, plan, overrides: overrides.filter((one) => one.endsAt > at), sensors, at });
          const { levelPercent, why } = resolveLevel({ device: LAMP, plan, overrides, sensors, at: endsAt });
          expect({ levelPercent, why }).toEqual({ levelPercent: without(endsAt).levelPercent, why: without(endsAt).why });
        }
      }),
      { numRuns: 300 },
    );
  });
});
