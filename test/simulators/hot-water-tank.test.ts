import { describe, expect, test } from 'vitest';
import { createHotWaterDraws } from '#simulators/devices/hot-water-draws.ts';
import { advanceTank, storedHeat, type TankState } from '#simulators/devices/hot-water-tank.ts';

const MODEL = { litres: 150, elementW: 2000, setpointC: 62 };
const full = (): TankState => ({ layersC: [60, 62, 62, 62, 62], thermostatClosed: false, energyWh: 0 });
const REST = { tapLitresPerMinute: 0, relayClosed: true };

describe('a hot-water tank', () => {
  test('left alone loses 1 to 2 kWh a day and gives them back to itself', () => {
    const state = full();
    advanceTank(state, MODEL, { ...REST, seconds: 3 * 86_400 });
    expect(state.energyWh / 3).toBeGreaterThan(800);
    expect(state.energyWh / 3).toBeLessThan(2000);
    expect(Math.min(...state.layersC.slice(1))).toBeGreaterThan(50);
  });

  test('keeps every joule: what it took is what it holds, lost and gave', () => {
    const state: TankState = { layersC: [20, 20, 20, 20, 20], thermostatClosed: true, energyWh: 0 };
    const before = storedHeat(state, MODEL);
    advanceTank(state, MODEL, { ...REST, seconds: 3600 });
    expect(state.energyWh).toBeCloseTo(2000, 6);
    expect((storedHeat(state, MODEL) - before) / state.energyWh).toBeGreaterThan(0.98);
    expect((storedHeat(state, MODEL) - before) / state.energyWh).toBeLessThan(1);
  });

  test('stays layered: a shower cools the bottom and leaves the top hot', () => {
    const state = full();
    advanceTank(state, MODEL, { seconds: 300, tapLitresPerMinute: 8, relayClosed: false });
    expect(state.layersC[0]).toBeLessThan(40);
    expect(state.layersC[4]).toBeGreaterThan(60);
  });

  test('is heated after the shower until its thermostat opens', () => {
    const state = full();
    advanceTank(state, MODEL, { seconds: 600, tapLitresPerMinute: 8, relayClosed: true });
    expect(state.thermostatClosed).toBe(true);
    advanceTank(state, MODEL, { ...REST, seconds: 3 * 3600 });
    expect(state.thermostatClosed).toBe(false);
    expect(Math.max(...state.layersC)).toBeLessThan(66);
  });

  test('takes nothing while its relay is open, however cold it is', () => {
    const state: TankState = { layersC: [15, 20, 25, 30, 35], thermostatClosed: true, energyWh: 500 };
    advanceTank(state, MODEL, { seconds: 7200, tapLitresPerMinute: 2, relayClosed: false });
    expect(state.energyWh).toBe(500);
  });
});

test('a home of three draws about 150 L a day at the tap, the same at each reading', () => {
  const litres = (seed: number): number => {
    const draws = createHotWaterDraws(seed, 3);
    let sum = 0;
    for (let minute = 0; minute < 60 * 1440; minute += 1) sum += draws.flowAt(29_000_000 + minute);
    return sum / 60;
  };
  expect(litres(4)).toBe(litres(4));
  expect(litres(4)).not.toBe(litres(5));
  expect(litres(4)).toBeGreaterThan(110);
  expect(litres(4)).toBeLessThan(190);
});
