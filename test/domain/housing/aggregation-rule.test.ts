import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate, civilDate } from '#domain/civil-time.ts';
import {
  DIFFERENCE_DAYS,
  type DwellingDay,
  decideCell,
  differSafely,
  type PublishedCell,
} from '#domain/housing/aggregation-rule.ts';
import { dwellingId } from '#domain/identifiers.ts';
import { wattHours } from '#domain/units.ts';

const TODAY = civilDate('2026-11-24');
const flat = (number: number, energyWh = 8000, quality: DwellingDay['quality'] = 'measured'): DwellingDay => ({
  dwelling: dwellingId(`dwelling-${String(number).padStart(2, '0')}`),
  energyWh: wattHours(energyWh),
  quality,
});
const flats = (count: number): DwellingDay[] => Array.from({ length: count }, (_, index) => flat(index + 1));
const publish = (date: CivilDate, days: readonly DwellingDay[]): PublishedCell => {
  const cell = decideCell(date, days, []);
  if (cell.state !== 'published') throw new Error(cell.reason);
  return cell;
};

describe('a cell of one building on one day', () => {
  it('is published from 11 dwellings on, with their number and what it is worth', () => {
    expect(decideCell(TODAY, flats(11), [])).toMatchObject({ state: 'published', energyWh: 88_000, quality: 'measured' });
    expect(decideCell(TODAY, [...flats(10), flat(11, 8000, 'estimated')], [])).toMatchObject({ quality: 'estimated' });
    expect(decideCell(TODAY, flats(10), [])).toEqual({ state: 'masked', date: TODAY, reason: 'fewer-than-11' });
    expect(decideCell(TODAY, [], [])).toEqual({ state: 'masked', date: TODAY, reason: 'fewer-than-11' });
  });

  it('is masked when one dwelling is more than half of it', () => {
    expect(decideCell(TODAY, [...flats(10), flat(11, 80_001)], [])).toEqual({
      state: 'masked',
      date: TODAY,
      reason: 'one-share-too-large',
    });
    expect(decideCell(TODAY, [...flats(10), flat(11, 80_000)], [])).toMatchObject({ state: 'published' });
    expect(
      decideCell(
        TODAY,
        Array.from({ length: 11 }, (_, index) => flat(index + 1, 0)),
        [],
      ),
    ).toMatchObject({ energyWh: 0 });
  });
});

describe('a change of members', () => {
  const yesterday = publish(addDays(TODAY, -1), flats(16));

  it('masks the day on which a meter is silent, and the next day goes on', () => {
    expect(decideCell(TODAY, flats(15), [yesterday])).toEqual({ state: 'masked', date: TODAY, reason: 'composition-changed' });
    expect(decideCell(addDays(TODAY, 1), flats(16), [yesterday])).toMatchObject({ state: 'published' });
  });

  it('leaves a newcomer out while the others go on', () => {
    const cell = decideCell(TODAY, flats(17), [yesterday]);
    expect(cell).toMatchObject({ state: 'published', energyWh: 16 * 8000, members: yesterday.members });
  });

  it('opens a new composition once no cell of the old one is within a month', () => {
    const lastMasked = addDays(yesterday.date, DIFFERENCE_DAYS);
    expect(decideCell(lastMasked, flats(15), [yesterday]).state).toBe('masked');
    expect(decideCell(addDays(lastMasked, 1), flats(15), [yesterday])).toMatchObject({ state: 'published', energyWh: 15 * 8000 });
  });

  it('never enters a day already published: a late reading changes the sum of its members only', () => {
    const published = publish(TODAY, flats(15));
    const late = decideCell(TODAY, [flat(1, 9000), ...flats(16).slice(1)], [published]);
    expect(late).toMatchObject({ state: 'published', energyWh: 15 * 8000 + 1000, members: published.members });
    expect(decideCell(TODAY, flats(12), [published])).toEqual(published);
  });
});

it('no two cells within a month of each other differ by 1 to 10 dwellings, whatever is silent, whatever comes late', () => {
  const silences = fc.array(fc.tuple(fc.nat(59), fc.uniqueArray(fc.nat(29), { maxLength: 22 })), {
    minLength: 2,
    maxLength: 120,
  });
  fc.assert(
    fc.property(silences, (visits) => {
      const cells = new Map<CivilDate, PublishedCell>();
      for (const [offset, silent] of visits) {
        const date = addDays(TODAY, offset);
        const days = flats(30).filter((_, index) => !silent.includes(index));
        const cell = decideCell(date, days, [...cells.values()]);
        const before = cells.get(date);
        if (before !== undefined) expect(cell).toMatchObject({ state: 'published', members: before.members });
        if (cell.state === 'published') cells.set(date, cell);
      }
      for (const a of cells.values()) {
        expect(a.members.length).toBeGreaterThanOrEqual(11);
        for (const b of cells.values()) {
          const near = a.date <= addDays(b.date, DIFFERENCE_DAYS) && b.date <= addDays(a.date, DIFFERENCE_DAYS);
          if (near) expect(differSafely(a.members, b.members)).toBe(true);
        }
      }
    }),
    { numRuns: 300 },
  );
});
