import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HousingAssets, HousingRegistry } from '#contract/ports/housing-registry.ts';
import { civilDate, instant } from '#domain/civil-time.ts';
import type { PublishedCell } from '#domain/housing/aggregation-rule.ts';
import { dwellingId, pointId, siteId } from '#domain/identifiers.ts';
import { wattHours } from '#domain/units.ts';

export interface HousingHouse {
  readonly control: HousingRegistry;
  readonly asIngest: HousingRegistry;
  readonly close: () => Promise<void>;
}

const site = siteId('site-residence');
const first = dwellingId('dwelling-01');
const second = dwellingId('dwelling-02');

const residence: HousingAssets = {
  dwellings: [
    { id: first, site, label: 'Appartement 1', floor: '1er étage', point: pointId('point-d01') },
    { id: second, site, label: 'Appartement 2', floor: '1er étage', point: pointId('point-d02') },
  ],
  tenancies: [
    { id: 'tenancy-a', dwelling: first, tenant: 'A', from: instant(1000), to: instant(5000) },
    { id: 'tenancy-b', dwelling: first, tenant: 'B', from: instant(5000), to: null },
  ],
  consents: [{ dwelling: first, displayGrain: '30min', from: instant(2000), to: null }],
  tariffChoices: [{ subject: first, tariff: 'edf-base-6kva', from: civilDate('2026-02-01') }],
};

const cell = (date: string, energyWh: number): PublishedCell => ({
  state: 'published',
  date: civilDate(date),
  energyWh: wattHours(energyWh),
  members: [first, second],
  quality: 'measured',
});

/** What housing's part of every registry engine must do. */
export const describeHousingRegistry = (engine: string, open: () => Promise<HousingHouse>): void => {
  describe(`housing in the registry on ${engine}`, () => {
    let house: HousingHouse;
    beforeEach(async () => {
      house = await open();
      await house.control.replaceHousing(residence, 'hash-1');
    });
    afterEach(() => house.close());

    it('gives back who lives where and what they agreed to', async () => {
      const { asIngest } = house;
      expect(await asIngest.dwellingsOf(site)).toEqual(residence.dwellings);
      expect(await asIngest.dwelling(second)).toEqual(residence.dwellings[1]);
      expect(await asIngest.dwelling(dwellingId('dwelling-99'))).toBeNull();
      expect(await asIngest.dwellingAt(pointId('point-d01'))).toEqual(residence.dwellings[0]);
      expect(await asIngest.tenanciesOf([first, second])).toEqual(residence.tenancies);
      expect(await asIngest.consentsOf([first])).toEqual(residence.consents);
      expect(await asIngest.tenanciesOf([])).toEqual([]);
      expect(await asIngest.tariffChoicesOf(first)).toEqual(residence.tariffChoices);
      expect(await asIngest.importedHousingHash()).toBe('hash-1');
    });

    it('replaces what was imported, and keeps the cells already published', async () => {
      await house.control.saveCell(site, cell('2026-11-23', 120_000));
      await house.control.replaceHousing({ ...residence, consents: [] }, 'hash-2');
      expect(await house.control.consentsOf([first])).toEqual([]);
      expect(await house.control.cells(site, civilDate('2026-11-01'), civilDate('2026-11-30'))).toEqual([
        cell('2026-11-23', 120_000),
      ]);
    });

    it('keeps one cell a day, the last one decided, in order of date', async () => {
      const masked = { state: 'masked', date: civilDate('2026-11-22'), reason: 'fewer-than-11' } as const;
      await house.control.saveCell(site, { ...masked, date: civilDate('2026-11-23') });
      await house.control.saveCell(site, cell('2026-11-23', 120_000));
      await house.control.saveCell(site, masked);
      expect(await house.asIngest.cells(site, civilDate('2026-11-22'), civilDate('2026-11-23'))).toEqual([
        masked,
        cell('2026-11-23', 120_000),
      ]);
      expect(await house.asIngest.cells(siteId('site-elsewhere'), civilDate('2026-11-22'), civilDate('2026-11-23'))).toEqual([]);
    });

    it('is written by control alone', async () => {
      await expect(house.asIngest.saveCell(site, cell('2026-11-23', 1))).rejects.toMatchObject({
        code: 'TABLE_OF_ANOTHER_SERVICE',
      });
      await expect(house.asIngest.replaceHousing(residence, 'x')).rejects.toMatchObject({ code: 'TABLE_OF_ANOTHER_SERVICE' });
    });
  });
};
