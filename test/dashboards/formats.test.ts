import { describe, expect, test } from 'vitest';
import * as formats from '#dashboards/portal/words/formats.ts';
import { civilDate, type Instant, parseInstant, timeZone } from '#domain/civil-time.ts';

const PARIS = timeZone('Europe/Paris');
const NOW = parseInstant('2026-11-24T22:30:00Z'); // 23:30 in Paris
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const before = (ms: number): Instant => (NOW - ms) as Instant;

/** Written with escapes: U+00A0 before a unit, U+202F between thousands, U+2212 for minus. */
const CASES: readonly (readonly [what: string, printed: string, expected: string])[] = [
  ['a number, fr', formats.formatFullNumber(12_345.6, 'fr'), '12\u202F345,6'],
  ['a number, en', formats.formatFullNumber(12_345.6, 'en'), '12,345.6'],
  ['three significant digits, fr', formats.formatNumber(21.847, 'fr'), '21,8'],
  ['a negative number', formats.formatNumber(-24, 'fr'), '\u221224'],
  ['watts, fr', formats.formatPower(31, 'fr'), '31\u00A0W'],
  ['watts, en', formats.formatPower(31, 'en'), '31\u00A0W'],
  ['kilowatts, fr', formats.formatPower(4200, 'fr'), '4,2\u00A0kW'],
  ['kilowatts, en', formats.formatPower(4200, 'en'), '4.2\u00A0kW'],
  ['zero watts', formats.formatPower(0, 'fr'), '0\u00A0W'],
  ['energy, fr', formats.formatEnergy(412_000, 'fr'), '412\u00A0kWh'],
  ['megawatt-hours', formats.formatEnergy(12_345_600, 'fr'), '12,3\u00A0MWh'],
  ['a column of energy', formats.formatKilowattHours(4_580, 'fr'), '4,58\u00A0kWh'],
  ['percent, fr', formats.formatPercent(70, 'fr'), '70\u00A0%'],
  ['percent, en', formats.formatPercent(70, 'en'), '70%'],
  ['cents under 10 €, fr', formats.formatTenantEuros(1.4, 'fr'), '1,40\u00A0€'],
  ['cents under 10 €, en', formats.formatTenantEuros(1.4, 'en'), '€1.40'],
  ['whole euros above, fr', formats.formatTenantEuros(38.4, 'fr'), '38\u00A0€'],
  ['whole euros above, en', formats.formatTenantEuros(38.4, 'en'), '€38'],
  ['a price, fr', formats.formatCentsPerKilowattHour(19.4, 'fr'), '19,40\u00A0c€/kWh'],
  ['a price, en', formats.formatCentsPerKilowattHour(19.4, 'en'), '19.40\u00A0c/kWh'],
  ['a short date, fr', formats.formatShortDate(NOW, PARIS, 'fr'), 'mar. 24 nov. 2026'],
  ['a short date, en', formats.formatShortDate(NOW, PARIS, 'en'), 'Tue 24 Nov 2026'],
  ['a long date, fr', formats.formatLongDate(NOW, PARIS, 'fr'), 'mardi 24 novembre'],
  ['a long date, en', formats.formatLongDate(NOW, PARIS, 'en'), 'Tuesday 24 November'],
  ['the first of a month, fr', formats.formatCivilDay('2026-03-01', 'fr'), 'dimanche 1er mars'],
  ['the first of a month, en', formats.formatCivilDay('2026-03-01', 'en'), 'Sunday 1 March'],
  ['a date with its year, fr', formats.formatCivilDayWithYear('2026-08-01', 'fr'), '1er août 2026'],
  ['a date with its year, en', formats.formatCivilDayWithYear('2026-08-01', 'en'), '1 August 2026'],
  ['a time in a table', formats.formatTime(NOW, PARIS), '23:30'],
  ['midnight', formats.formatTime(parseInstant('2026-11-24T23:00:00Z'), PARIS), '00:00'],
  ['a proof', formats.formatTimeWithSeconds(parseInstant('2026-11-24T21:00:41Z'), PARIS), '22:00:41'],
  ['a spoken time, fr', formats.formatSpokenTime(NOW, PARIS, 'fr'), '23\u00A0h\u00A030'],
  ['a spoken hour, fr', formats.formatSpokenTime(parseInstant('2026-11-24T13:00:00Z'), PARIS, 'fr'), '14\u00A0h'],
  ['a spoken time, en', formats.formatSpokenTime(parseInstant('2026-11-24T13:05:00Z'), PARIS, 'en'), '2.05\u00A0pm'],
  ['a spoken hour, en', formats.formatSpokenTime(parseInstant('2026-11-24T13:00:00Z'), PARIS, 'en'), '2\u00A0pm'],
  ['a spoken midnight, en', formats.formatSpokenTime(parseInstant('2026-11-24T23:00:00Z'), PARIS, 'en'), '12\u00A0am'],
  ['an age, fr', formats.formatAge(before(3 * MINUTE_MS), NOW, PARIS, 'fr'), 'il y a 3\u00A0min'],
  ['an age, en', formats.formatAge(before(3 * MINUTE_MS), NOW, PARIS, 'en'), '3\u00A0min ago'],
  ['an age above 24 h', formats.formatAge(before(25 * HOUR_MS), NOW, PARIS, 'fr'), 'lun. 23 nov. 2026'],
  ['a duration', formats.formatDuration(2 * HOUR_MS + 5 * MINUTE_MS, 'fr'), '2\u00A0h\u00A005'],
  ['a whole number of hours', formats.formatDuration(HOUR_MS, 'fr'), '1\u00A0h'],
  ['seconds', formats.formatDuration(40_000, 'fr'), '40\u00A0s'],
  ['days, fr', formats.formatDuration(72 * HOUR_MS, 'fr'), '3\u00A0jours'],
  ['days, en', formats.formatDuration(72 * HOUR_MS, 'en'), '3\u00A0days'],
  ['today', formats.formatMoment(before(HOUR_MS), NOW, PARIS, 'fr'), '22:30'],
  ['tomorrow, fr', formats.formatMoment(parseInstant('2026-11-25T07:06:00Z'), NOW, PARIS, 'fr'), 'demain 08:06'],
  ['tomorrow, en', formats.formatMoment(parseInstant('2026-11-25T07:06:00Z'), NOW, PARIS, 'en'), 'tomorrow 08:06'],
  ['later', formats.formatMoment(parseInstant('2026-11-27T07:06:00Z'), NOW, PARIS, 'fr'), 'ven. 27 nov. 2026 08:06'],
  ['since today', formats.formatSince(before(HOUR_MS), NOW, PARIS, 'fr'), '22:30'],
  ['since another day', formats.formatSince(before(48 * HOUR_MS), NOW, PARIS, 'fr'), 'dimanche 23:30'],
  ['a night, fr', formats.formatNight(civilDate('2026-11-24'), 'fr'), 'nuit du 24 au 25 novembre'],
  ['a night, en', formats.formatNight(civilDate('2026-11-24'), 'en'), 'night of 24–25 November'],
  ['a night over two months, fr', formats.formatNight(civilDate('2026-11-30'), 'fr'), 'nuit du 30 novembre au 1er décembre'],
];

describe('numbers, dates and durations are printed byte for byte', () => {
  test.each(CASES)('%s', (_what, printed, expected) => {
    expect(printed).toBe(expected);
  });

  test('on the night when summer time ends, both 02:30 are printed in the zone of the site', () => {
    expect(formats.formatTime(parseInstant('2026-10-25T00:30:00Z'), PARIS)).toBe('02:30');
    expect(formats.formatTime(parseInstant('2026-10-25T01:30:00Z'), PARIS)).toBe('02:30');
  });
});
