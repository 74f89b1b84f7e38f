import { expect, test } from 'vitest';
import { createSystemClock } from '#adapters/clock/system-clock.ts';

test('a machine that starts in 1970 does not know the time until it is set', () => {
  let says = 7_000;
  const clock = createSystemClock({ machine: () => says });
  expect([clock.civilState(), clock.civilNow()]).toEqual(['unknown', 7_000]);
  says = Date.UTC(2026, 10, 24);
  expect([clock.civilState(), clock.civilNow()]).toEqual(['synchronised', says]);
});
