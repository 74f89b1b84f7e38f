import { describe, expect, it } from 'vitest';
import { civilDate, parseInstant, timeZone } from '#domain/civil-time.ts';
import { displayPeriods, finerPeriodAt } from '#domain/housing/consent.ts';
import { coversDay, overlappingTenancy, type Tenancy } from '#domain/housing/tenancy.ts';
import { compareWithUsual } from '#domain/housing/usual-day.ts';
import { dwellingId } from '#domain/identifiers.ts';

const PARIS = timeZone('Europe/Paris');
const dwelling = dwellingId('dwelling-tilleuls-07');
const tenancy = (id: string, from: string, to: string | null): Tenancy => ({
  id,
  dwelling,
  tenant: id,
  from: parseInstant(from),
  to: to === null ? null : parseInstant(to),
});
// Out at noon on 1 June in Paris, the next one in at 14:00.
const former = tenancy('former', '2025-09-01T00:00:00Z', '2026-06-01T10:00:00Z');
const present = tenancy('present', '2026-06-01T12:00:00Z', null);

describe('a new tenant', () => {
  it('sees the days he lived there from first to last, not the day of the move', () => {
    expect(['2026-05-31', '2026-06-01', '2026-06-02'].map((date) => coversDay(present, civilDate(date), PARIS))).toEqual([
      false,
      false,
      true,
    ]);
    expect(['2026-05-31', '2026-06-01', '2026-06-02'].map((date) => coversDay(former, civilDate(date), PARIS))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('never lives there at the same time as the former one', () => {
    expect(overlappingTenancy([present, former])).toBeNull();
    expect(overlappingTenancy([present, { ...former, to: null }])).toBe(present);
  });

  it('does not inherit the former one’s consent', () => {
    const consents = [{ dwelling, displayGrain: '30min' as const, from: parseInstant('2026-01-01T00:00:00Z'), to: null }];
    const periods = displayPeriods(consents, [former, present]);
    expect(periods).toEqual([{ dwelling, grain: '30min', from: consents[0]?.from, to: former.to }]);
    expect(finerPeriodAt(periods, dwelling, parseInstant('2026-05-01T00:00:00Z'))).toBe(periods[0]);
    expect(finerPeriodAt(periods, dwelling, parseInstant('2026-07-01T00:00:00Z'))).toBeNull();
  });
});

it('a consent outside any tenancy allows nothing', () => {
  const consents = [{ dwelling, displayGrain: '30min' as const, from: parseInstant('2026-06-01T11:00:00Z'), to: null }];
  expect(displayPeriods(consents, [former, present])).toEqual([]);
});

it('a day is said in words beside the same weekday before', () => {
  expect(compareWithUsual(null, 150)).toBe('no-measure');
  expect(compareWithUsual(150, null)).toBe('not-enough-history');
  expect([100, 150, 165, 171, 195, 201].map((cents) => compareWithUsual(cents, 150))).toEqual([
    'as-usual',
    'as-usual',
    'as-usual',
    'a-little-more',
    'a-little-more',
    'much-more',
  ]);
});
