import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CivilTime } from '#domain/civil-time.ts';
import { isIdentifier } from '#domain/identifiers.ts';
import { type ClassProgram, deriveProgram } from '#domain/lighting/class-program.ts';
import { classReached, EN_13201_2, lightingClass } from '#domain/lighting/lighting-class.ts';
import { averageAt, type DimmingCurve, levelForClass, type Photometry } from '#domain/lighting/photometry.ts';

/** A street that has exactly its class at 100 %. */
const street = (rated: string, more: Partial<Photometry> = {}): Photometry => {
  const { family, average } = lightingClass(rated);
  return {
    family,
    installed: average / 0.8,
    maintenanceFactor: 0.8,
    minimumPercent: 10,
    dimming: { kind: 'continuous' },
    isConflictArea: false,
    ...more,
  };
};

const program: ClassProgram = {
  id: 'rue-principale',
  version: 4,
  name: 'Rue principale',
  by: 'account-technician',
  activePeriods: [{ name: 'AstroClockActivePeriod', sunsetOffset: 15, sunriseOffset: -15 }],
  classes: [
    { startTime: '05:00' as CivilTime, lightingClass: 'M4' },
    { startTime: '23:00' as CivilTime, lightingClass: 'M5' },
  ],
};
const levelsOf = (photometry: Photometry) =>
  deriveProgram(program, photometry).program.fixedTimeControls.map(({ levelPercent }) => levelPercent);

describe('the level of a class', () => {
  test.each<readonly [string, string, number]>([
    ['M3', 'M4', 75],
    ['M3', 'M5', 50],
    ['M3', 'M6', 30],
    ['M4', 'M5', 67],
    ['M4', 'M6', 40],
    ['M5', 'M6', 60],
    ['P2', 'P3', 75],
    ['P2', 'P4', 50],
    ['P3', 'P4', 67],
    ['P4', 'P5', 60],
    ['P4', 'P6', 40],
    ['P5', 'P6', 67],
    ['C3', 'C4', 67],
    ['C4', 'C5', 75],
  ])('a street that is exactly %s is %s at this share of its light', (rated, asked, level) => {
    expect(levelForClass(lightingClass(asked), street(rated))).toEqual({
      levelPercent: level,
      isReached: true,
      because: 'class',
    });
  });

  test('half the light of an M4 street is M6, not M5', () => {
    expect(classReached('M', averageAt(50, street('M4')))?.name).toBe('M6');
    expect(classReached('M', averageAt(67, street('M4')))?.name).toBe('M5');
    expect(classReached('M', averageAt(5, street('M4')))).toBeNull();
  });

  test('is not below the minimum of the luminaire', () => {
    expect(levelForClass(lightingClass('M6'), street('M1', { minimumPercent: 25 }))).toEqual({
      levelPercent: 25,
      isReached: true,
      because: 'minimum',
    });
  });

  test('is the next step up of a gear that has few, and full under a relay', () => {
    const levelOf = (levelsPercent: readonly number[]) =>
      levelForClass(lightingClass('M5'), street('M4', { dimming: { kind: 'steps', levelsPercent } })).levelPercent;
    expect(levelOf([50, 80, 100])).toBe(80);
    expect(levelOf([100])).toBe(100);
  });

  test('is full on a crossing, and full but not enough where the street is too weak', () => {
    expect(levelForClass(lightingClass('M6'), street('M4', { isConflictArea: true }))).toEqual({
      levelPercent: 100,
      isReached: true,
      because: 'conflict-area',
    });
    expect(levelForClass(lightingClass('M3'), street('M4'))).toEqual({
      levelPercent: 100,
      isReached: false,
      because: 'too-weak',
    });
  });

  test('of another family is not guessed', () => {
    expect(() => levelForClass(lightingClass('P3'), street('M4'))).toThrow('A photometry of family M says nothing of class P3');
    expect(() => lightingClass('M9')).toThrow('NF EN 13201-2:2015 has no class M9');
  });

  test('always gives the class, whatever the curve, and one percent less does not', () => {
    const dimming = fc.constantFrom<DimmingCurve>(
      { kind: 'continuous' },
      { kind: 'dali-logarithmic' },
      { kind: 'dali-linear' },
      { kind: 'steps', levelsPercent: [30, 50, 75, 100] },
    );
    const installed = fc.double({ min: 0.5, max: 60, noNaN: true });
    const maintenanceFactor = fc.double({ min: 0.5, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom(...EN_13201_2.classes),
        installed,
        maintenanceFactor,
        dimming,
        (asked, average, factor, curve) => {
          const photometry: Photometry = {
            family: asked.family,
            installed: average,
            maintenanceFactor: factor,
            minimumPercent: 1,
            dimming: curve,
            isConflictArea: false,
          };
          const { levelPercent, isReached } = levelForClass(asked, photometry);
          expect(averageAt(levelPercent, photometry) >= asked.average - 1e-9).toBe(isReached);
          if (isReached && levelPercent > 1) expect(averageAt(levelPercent - 1, photometry)).toBeLessThan(asked.average);
        },
      ),
    );
  });
});

describe('a program in classes', () => {
  test('M4, then M5 from 23:00, follows what stands in the street', () => {
    expect(levelsOf(street('M4'))).toEqual([100, 67]);
    expect(levelsOf(street('M3'))).toEqual([75, 50]);
    expect(levelsOf(street('M4', { maintenanceFactor: 0.9 }))).toEqual([89, 60]);
    expect(levelsOf(street('M4', { isConflictArea: true }))).toEqual([100, 100]);
  });

  test('gives streets of the same levels one program, and new luminaires another', () => {
    const id = (photometry: Photometry) => deriveProgram(program, photometry).program.id;
    expect(id(street('M4'))).toBe('rue-principale-100-67');
    expect(id(street('M4', { minimumPercent: 20 }))).toBe(id(street('M4')));
    expect(id(street('M3'))).toBe('rue-principale-75-50');
    expect(isIdentifier(deriveProgram({ ...program, id: 'a'.repeat(64) }, street('M4')).program.id)).toBe(true);
  });

  test('may be off', () => {
    const village = {
      ...program,
      classes: [...program.classes.slice(0, 1), { startTime: '23:00' as CivilTime, lightingClass: 'off' }],
    };
    expect(deriveProgram(village, street('M4')).levels).toEqual([{ levelPercent: 100, isReached: true, because: 'class' }, null]);
  });
});
