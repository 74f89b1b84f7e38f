import { describe, expect, test } from 'vitest';
import {
  advanceLuminaire,
  agedLuminaire,
  askLevel,
  fadeSeconds,
  isFading,
  settledPower,
  supplyLuminaire,
} from '#simulators/devices/luminaire.ts';

const MODEL = { ratedW: 40, tolerance: 0 };
const SURROUNDINGS = { ambientC: 10, illness: 'none' } as const;
const lamp = (levelPercent: number) => agedLuminaire(MODEL, 1000, levelPercent);

/** The maker's sheet, as the platform's operators hold it. */
const SHEET = [0.145, 0.225, 0.31, 0.4, 0.495, 0.59, 0.69, 0.79, 0.895, 1];

describe('the power of a luminaire', () => {
  test('agrees with the maker’s sheet within 4 % and is not straight', () => {
    SHEET.forEach((share, place) => {
      expect(Math.abs(settledPower(MODEL, 10 * (place + 1)) / (40 * share) - 1)).toBeLessThan(0.04);
    });
    expect(settledPower(MODEL, 50)).toBeLessThan(20);
  });

  test('stands by above zero', () => {
    expect(settledPower(MODEL, 0)).toBe(0.4);
  });

  test('follows a new level within a few seconds, not at once', () => {
    const state = lamp(100);
    askLevel(state, 30, 'none');
    expect(state.powerW).toBe(40);
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 1 });
    expect(isFading(state)).toBe(true);
    expect(state.powerW).toBeGreaterThan(20);
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 6 });
    expect(isFading(state)).toBe(false);
    expect(state.powerW).toBeCloseTo(settledPower(MODEL, 30), 1);
  });

  test('fades as slowly as its fade time says', () => {
    expect([0, 1, 4, 15].map((code) => Math.round(fadeSeconds(code) * 10) / 10)).toEqual([0, 0.7, 2, 90.5]);
    const state = lamp(0);
    state.fadeTime = 8;
    askLevel(state, 80, 'none');
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 4 });
    expect(state.levelPercent).toBeCloseTo(40, 5);
  });
});

describe('what adds up in a luminaire', () => {
  test('its energy is the integral of its power within 0.1 %', () => {
    const state = lamp(0);
    const before = state.energyWh;
    let integralWh = 0;
    const levels = [100, 30, 70, 0, 55];
    for (const level of levels) {
      askLevel(state, level, 'none');
      for (let step = 0; step < 6000; step += 1) {
        const powerBefore = state.powerW;
        advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 0.02 });
        integralWh += ((powerBefore + state.powerW) / 2) * (0.02 / 3600);
      }
    }
    expect(Math.abs((state.energyWh - before) / integralWh - 1)).toBeLessThan(0.001);
  });

  test('hours and starts count while it burns only', () => {
    const state = lamp(0);
    const { burningSeconds, starts } = state;
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 3600 });
    expect(state).toMatchObject({ burningSeconds, starts });
    askLevel(state, 60, 'none');
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 3600 });
    expect(state.starts).toBe(starts + 1);
    expect(state.burningSeconds - burningSeconds).toBeCloseTo(3600, 0);
  });

  test('it warms slowly and cools again', () => {
    const state = lamp(100);
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 60 });
    expect(state.temperatureC).toBeLessThan(14);
    for (let minute = 0; minute < 240; minute += 1) advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 60 });
    expect(state.temperatureC).toBeGreaterThan(36);
  });
});

describe('a circuit that is cut', () => {
  test('draws nothing, and the lamp comes back at its power-on level', () => {
    const state = lamp(30);
    supplyLuminaire(state, false, 100);
    expect(advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 60 })).toBe(0);
    supplyLuminaire(state, true, 100);
    advanceLuminaire(state, MODEL, { ...SURROUNDINGS, seconds: 30 });
    expect(state).toMatchObject({ levelPercent: 100, powerCycleSeen: true });
    expect(state.powerW).toBeCloseTo(40, 1);
  });
});
