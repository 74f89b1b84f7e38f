import { afterEach, describe, expect, it } from 'vitest';
import { readBuilding } from '#contract/routes/housing.ts';
import { civilDate, instant, parseInstant } from '#domain/civil-time.ts';
import { ALL_FLATS, type Building, midnight, openBuilding, TILLEULS } from './building-with-tenants.ts';

let building: Building;
afterEach(() => building.close());

const readCell = async (token = 'landlord') => {
  const answer = await building.api.call(readBuilding, token, { params: { site: TILLEULS } });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.body.dwellings;
};
/** Of flats that draw 1 to n kWh a day. */
const totalOf = (flats: readonly number[]): number => flats.reduce((sum, number) => sum + number * 1000, 0);

describe('yesterday’s total of sixteen flats', () => {
  it('is one publishable cell, the sum of their registers to the watt-hour, read at the two midnights', async () => {
    building = await openBuilding('2026-11-24T09:00:00Z');
    await building.writeDays(ALL_FLATS, civilDate('2026-11-22'), civilDate('2026-11-24'));
    expect(await readCell()).toEqual({
      state: 'published',
      date: '2026-11-23',
      energyWh: totalOf(ALL_FLATS),
      dwellings: 16,
      quality: 'measured',
    });
    expect(building.told).toContainEqual({ changed: 'building', id: TILLEULS });
  });

  it.each([
    ['2026-03-29', '2026-03-30', 23],
    ['2026-10-25', '2026-10-26', 25],
  ])('of %s is that of its own midnights', async (date, next, hours) => {
    building = await openBuilding(`${next}T09:00:00Z`);
    expect((midnight(next) - midnight(date)) / 3_600_000).toBe(hours);
    await building.writeDays(ALL_FLATS, civilDate(date), civilDate(next));
    expect(await readCell()).toMatchObject({ state: 'published', date, energyWh: totalOf(ALL_FLATS), quality: 'measured' });
  });

  it('waits for the readings that have not come, then is decided without them at noon', async () => {
    building = await openBuilding('2026-11-24T09:00:00Z');
    const fifteen = ALL_FLATS.slice(0, 15);
    await building.writeDays(fifteen, civilDate('2026-11-23'), civilDate('2026-11-24'));
    expect(await readCell()).toEqual({ state: 'masked', date: '2026-11-23', reason: 'not-yet' });
    await building.clock.advance(3 * 3_600_000);
    expect(await readCell()).toMatchObject({ state: 'published', energyWh: totalOf(fifteen), dwellings: 15 });
  });

  it('is masked with fewer than eleven flats, and published when late readings have come', async () => {
    building = await openBuilding('2026-11-24T12:00:00Z');
    await building.writeDays(ALL_FLATS.slice(0, 10), civilDate('2026-11-23'), civilDate('2026-11-24'));
    expect(await readCell()).toEqual({ state: 'masked', date: '2026-11-23', reason: 'fewer-than-11' });
    await building.writeDays(ALL_FLATS.slice(10), civilDate('2026-11-23'), civilDate('2026-11-24'));
    await building.clock.advance(60_000);
    expect(await readCell()).toMatchObject({ state: 'published', energyWh: totalOf(ALL_FLATS), dwellings: 16 });
  });

  it('never takes in a flat that comes late to a day already published', async () => {
    building = await openBuilding('2026-11-24T12:00:00Z');
    const fifteen = ALL_FLATS.slice(0, 15);
    await building.writeDays(fifteen, civilDate('2026-11-23'), civilDate('2026-11-24'));
    expect(await readCell()).toMatchObject({ dwellings: 15 });
    await building.writeDays([16], civilDate('2026-11-23'), civilDate('2026-11-24'));
    await building.rooms.computeCells(civilDate('2026-11-23'));
    expect(await readCell()).toMatchObject({ energyWh: totalOf(fifteen), dwellings: 15 });
  });

  it('is masked on the day when one of them is silent, as its difference would be that flat', async () => {
    building = await openBuilding('2026-11-24T12:00:00Z');
    await building.writeDays(ALL_FLATS, civilDate('2026-11-22'), civilDate('2026-11-23'));
    await building.writeDays(ALL_FLATS.slice(0, 15), civilDate('2026-11-23'), civilDate('2026-11-24'));
    await building.rooms.computeCells(civilDate('2026-11-22'));
    expect(await readCell()).toEqual({ state: 'masked', date: '2026-11-23', reason: 'composition-changed' });
  });

  it('is decided each night by the scheduler, without any reader', async () => {
    building = await openBuilding('2026-11-24T22:00:00Z');
    await building.writeDays(ALL_FLATS, civilDate('2026-11-24'), civilDate('2026-11-25'));
    building.clock.stepCivil(parseInstant('2026-11-24T23:15:00Z'));
    await building.scheduler.runDue(building.clock.civilNow());
    const [cell] = await building.housing.cells(TILLEULS, civilDate('2026-11-24'), civilDate('2026-11-24'));
    expect(cell).toMatchObject({ state: 'published', energyWh: totalOf(ALL_FLATS) });
  });
});

describe('the common parts', () => {
  it('are live: power, energy since midnight, half-hours, yesterday, and euros at the Base tariff', async () => {
    building = await openBuilding('2026-11-24T01:15:00Z');
    const start = midnight('2026-11-23');
    // 1200 W all along, read every minute.
    for (let minute = 0; minute <= 24 * 60 + 135; minute += 1)
      await building.writeCommons(instant(start + minute * 60_000), 10_000 + minute * 20, 1200);
    const answer = await building.api.call(readBuilding, 'landlord', { params: { site: TILLEULS } });
    if (!answer.ok) throw new Error(answer.error.code);
    const { commonParts, lastReadingAt, gateway } = answer.body;
    expect(commonParts.activePowerW).toEqual({ value: 1200, at: '2026-11-24T01:15:00Z', quality: 'measured' });
    expect(commonParts.todayWh).toEqual({ value: 2700, at: '2026-11-24T01:15:00Z', quality: 'measured' });
    // 2.7 kWh × 19.40 c€ + 15.65 € × 12 / 365 = 52.38 + 51.45 c€.
    expect(commonParts.today).toEqual({ euros: 1.04, quality: 'measured' });
    expect(commonParts.yesterdayWh).toEqual({ value: 28_800, at: '2026-11-23T23:00:00Z', quality: 'measured' });
    expect(commonParts.curve).toEqual({
      stepSeconds: 1800,
      startsAt: '2026-11-23T23:00:00Z',
      meanPowerW: [1200, 1200, 1200, 1200],
    });
    expect(commonParts.tariff).toMatchObject({ energyEuroCentsPerKWh: 19.4, standingEurosPerMonth: 15.65, from: '2026-02-01' });
    expect([lastReadingAt, gateway.state]).toEqual(['2026-11-24T01:15:00Z', 'unknown']);
  });

  it('without any reading are unknown, never zero', async () => {
    building = await openBuilding('2026-11-24T09:00:00Z');
    const answer = await building.api.call(readBuilding, 'landlord', { params: { site: TILLEULS } });
    if (!answer.ok) throw new Error(answer.error.code);
    const unknown = { value: null, at: null, quality: 'missing' };
    expect(answer.body.commonParts).toMatchObject({
      activePowerW: unknown,
      todayWh: unknown,
      yesterdayWh: unknown,
      today: { euros: null },
    });
    expect(answer.body.commonParts.curve.meanPowerW.every((power) => power === null)).toBe(true);
  });

  it('are nothing to a technician, a tenant, or a landlord of a street', async () => {
    building = await openBuilding('2026-11-24T09:00:00Z');
    for (const token of ['technician', 'tenant-7'])
      expect(await building.api.call(readBuilding, token, { params: { site: TILLEULS } })).toMatchObject({
        ok: false,
        status: 404,
      });
    const street = { params: { site: 'site-republique' as typeof TILLEULS } };
    expect(await building.api.call(readBuilding, 'landlord', street)).toMatchObject({ ok: false, status: 404 });
  });
});
