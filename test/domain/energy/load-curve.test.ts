import { expect, it } from 'vitest';
import { addDays, civilDate, instant, parseInstant, startOfDay, timeZone } from '#domain/civil-time.ts';
import { countRegister, ORDINARY_REGISTER } from '#domain/energy/cumulative-register.ts';
import { energyBySteps, meanPowerOf } from '#domain/energy/load-curve.ts';
import { minutes, wattHours } from '#domain/units.ts';

const PARIS = timeZone('Europe/Paris');
const HALF_HOUR = minutes(30);
const from = parseInstant('2026-11-23T23:00:00Z');
const readings = (silent: (minute: number) => boolean, length = 24 * 60 + 1, start = from) =>
  Array.from({ length }, (_, minute) => ({
    minute,
    at: instant(start + minute * 60_000),
    registerWh: wattHours(minute * 20),
    sure: true,
  })).filter(({ minute }) => !silent(minute));

it('a load of 1200 W is 1200 W in each half-hour, and the step in course is not shown', () => {
  const steps = energyBySteps(countRegister(readings(() => false)), from, instant(from + 105 * 60_000), HALF_HOUR);
  expect(steps.map((step) => meanPowerOf(step, HALF_HOUR))).toEqual([1200, 1200, 1200]);
  expect(steps.every(({ quality }) => quality === 'measured')).toBe(true);
});

it('a hole of two hours is a hole in the curve, not a zero nor a straight line', () => {
  const steps = energyBySteps(
    countRegister(readings((minute) => minute > 60 && minute < 180)),
    from,
    instant(from + 240 * 60_000),
    HALF_HOUR,
  );
  expect(steps.map((step) => meanPowerOf(step, HALF_HOUR))).toEqual([1200, 1200, null, null, null, null, 1200, 1200]);
});

it('across a meter that was replaced, the steps on both sides are measured and the one in between is an estimate, never a fall', () => {
  const replacedAt = instant(from + 75 * 60_000);
  const shown = readings(() => false).map((each) =>
    each.at < replacedAt ? each : { ...each, registerWh: wattHours(each.registerWh - 1400) },
  );
  const count = countRegister(shown, { ...ORDINARY_REGISTER, replacedAt: [replacedAt] });
  const steps = energyBySteps(count, from, instant(from + 150 * 60_000), HALF_HOUR);
  expect(steps.map(({ quality }) => quality)).toEqual(['measured', 'measured', 'estimated', 'measured', 'measured']);
  expect(steps.map(({ energyWh }) => energyWh)).toEqual([600, 600, 580, 600, 600]);
});

it.each([
  ['2026-03-29', 46],
  ['2026-10-25', 50],
])('%s has %d half-hours', (date, count) => {
  const start = startOfDay(civilDate(date), PARIS);
  const end = startOfDay(addDays(civilDate(date), 1), PARIS);
  const steps = energyBySteps(countRegister(readings(() => false, 26 * 60, start)), start, end, HALF_HOUR);
  expect(steps).toHaveLength(count);
  expect(steps.every(({ energyWh }) => energyWh === 600)).toBe(true);
});
