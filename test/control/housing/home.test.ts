import { afterEach, describe, expect, it } from 'vitest';
import { readHome, readHomeDetails } from '#contract/routes/housing.ts';
import { civilDate, instant } from '#domain/civil-time.ts';
import { gatewayId, pointId } from '#domain/identifiers.ts';
import {
  ALL_FLATS,
  type Building,
  dwelling,
  midnight,
  moveIn,
  openBuilding,
  registerOf,
  TILLEULS,
} from './building-with-tenants.ts';

const GATEWAY = gatewayId('gateway-tilleuls');
const MINUTE = 60_000;

let building: Building;
afterEach(() => building.close());

const home = async (number: number, token = `tenant-${number}`) => {
  const answer = await building.api.call(readHome, token, { params: { dwelling: dwelling(number) } });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.body;
};
const details = async (number: number) => {
  const answer = await building.api.call(readHomeDetails, `tenant-${number}`, { params: { dwelling: dwelling(number) } });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.body;
};
/** A register that grows by 600 Wh every half-hour of the day, read two seconds after each. */
const writeHalfHours = async (number: number, from: number, count: number): Promise<void> => {
  for (let step = 0; step <= count; step += 1)
    await building.writeFlat(number, instant(from + step * 30 * MINUTE + 2000), 900_000 + step * 600);
};

describe('a tenant who chose nothing', () => {
  it('sees yesterday in euros, and nothing of today', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    await building.writeDays([8], civilDate('2026-11-15'), civilDate('2026-11-24'));
    const answer = await home(8);
    // 8 kWh × 19.40 c€ + 51.45 c€.
    expect(answer.yesterday).toEqual({ euros: 2.07, quality: 'measured', date: '2026-11-23' });
    expect([answer.grain, answer.today, answer.state, answer.standingEurosPerDay]).toEqual(['day', null, 'as-usual', 0.51]);
    expect((await details(8)).today).toBeNull();
  });

  it('reads his days in kWh from the first measure on, a later hole as missing, and they add up to his register', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    await building.writeDays([8], civilDate('2026-11-10'), civilDate('2026-11-22'));
    const { days } = await details(8);
    expect(days).toHaveLength(14);
    expect(days[0]).toEqual({ date: '2026-11-10', energyWh: 8000, euros: 2.07, quality: 'measured' });
    expect(days.at(-1)).toEqual({ date: '2026-11-23', energyWh: null, euros: null, quality: 'missing' });
    expect(days.reduce((sum, { energyWh }) => sum + (energyWh ?? 0), 0)).toBe(12 * 8000);
  });

  it('is told when yesterday has no measure, and when there is nothing to compare with', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    expect(await home(8)).toMatchObject({
      yesterday: { euros: null, quality: 'missing' },
      state: 'no-measure',
      lastReadingAt: null,
    });
    await building.writeDays([8], civilDate('2026-11-23'), civilDate('2026-11-24'));
    expect((await home(8)).state).toBe('not-enough-history');
  });

  it('is told of a day that cost much more than the same weekday before', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    await building.writeDays([8], civilDate('2026-11-16'), civilDate('2026-11-23'));
    await building.writeFlat(8, midnight('2026-11-24'), registerOf(8, civilDate('2026-11-24')) + 8000);
    expect((await home(8)).state).toBe('much-more');
  });
});

describe('the tenant of flat 7, who chose the half-hour', () => {
  it('sees today until the last finished half-hour, its standing charge included', async () => {
    building = await openBuilding('2026-11-24T05:50:00Z');
    await writeHalfHours(7, midnight('2026-11-24'), 13);
    const answer = await home(7);
    // Midnight to 06:30 in Paris: 13 half-hours of 600 Wh, 7.8 kWh × 19.40 c€ + 51.45 c€.
    expect(answer.grain).toBe('30min');
    expect(answer.today).toEqual({ euros: 2.03, quality: 'measured', until: '2026-11-24T05:30:00Z' });
    const { today } = await details(7);
    expect(today).toHaveLength(13);
    expect(today?.[0]).toEqual({ startsAt: '2026-11-23T23:00:00Z', energyWh: 600, quality: 'measured' });
  });

  it('has 46 half-hours on the day that springs forward and 50 on the one that falls back', async () => {
    building = await openBuilding('2026-03-29T21:59:59Z');
    await writeHalfHours(7, midnight('2026-03-29'), 46);
    building.clock.stepCivil(instant(midnight('2026-03-30') - 1));
    expect((await details(7)).today).toHaveLength(45);
    building.clock.stepCivil(instant(midnight('2026-10-26') - 1));
    expect((await details(7)).today).toHaveLength(49);
  });
});

describe('the tenant of another flat', () => {
  it('gets the same nothing as for a flat that does not exist', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    await building.writeDays(ALL_FLATS, civilDate('2026-11-22'), civilDate('2026-11-24'));
    for (const route of [readHome, readHomeDetails]) {
      const others = await building.api.call(route, 'tenant-8', { params: { dwelling: dwelling(7) } });
      const nobodys = await building.api.call(route, 'tenant-8', { params: { dwelling: dwelling(99) } });
      expect(others).toEqual(nobodys);
      expect(others).toMatchObject({ ok: false, status: 404 });
      for (const token of ['landlord', 'technician'])
        expect(await building.api.call(route, token, { params: { dwelling: dwelling(7) } })).toEqual(others);
      expect(await building.api.call(route, 'tenant-7', { params: { dwelling: dwelling(7) } })).toMatchObject({
        ok: true,
        status: 200,
      });
    }
  });
});

describe('a new tenant of flat 7', () => {
  it('sees his own whole days only, and publishes one value a day again', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z', moveIn);
    await building.writeDays([7], civilDate('2026-11-10'), civilDate('2026-11-24'));
    const { days, grain, today } = await details(7);
    const seen = days.filter(({ energyWh }) => energyWh !== null).map(({ date }) => date);
    expect([seen, grain, today]).toEqual([['2026-11-21', '2026-11-22', '2026-11-23'], 'day', null]);
    expect(await building.ingest().housing.grainsOf(GATEWAY)).toEqual([
      {
        point: pointId('point-tilleuls-d07'),
        grain: '30min',
        from: instant(Date.UTC(2026, 0, 1)),
        to: instant(Date.UTC(2026, 10, 20, 9)),
      },
    ]);
  });
});

describe('the consents of the building’s gateway', () => {
  it('allow the half-hour to flat 7 alone', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    expect(await building.ingest().ingest.grainsOf(GATEWAY)).toMatchObject([{ point: 'point-tilleuls-d07', grain: '30min' }]);
  });

  it('stay as people changed them when the same file is imported again', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    expect(await building.rooms.importHousing(building.file.housing)).toBe(false);
    const before = await building.control().assets.revision();
    expect(await building.rooms.importHousing({ ...building.file.housing, consents: [] })).toBe(true);
    expect(await building.control().assets.revision()).toBeGreaterThan(before);
    expect(await building.ingest().housing.grainsOf(GATEWAY)).toEqual([]);
  });

  it('are control’s tables: ingest reads them and cannot write them', async () => {
    building = await openBuilding('2026-11-24T15:00:00Z');
    const cell = { state: 'masked' as const, date: civilDate('2026-11-23'), reason: 'not-yet' as const };
    await expect(building.ingest().housing.saveCell(TILLEULS, cell)).rejects.toMatchObject({ code: 'TABLE_OF_ANOTHER_SERVICE' });
  });
});
