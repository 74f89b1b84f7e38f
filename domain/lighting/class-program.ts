import type { CivilTime } from '#domain/civil-time.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import { EN_13201_2, type LightingClassTable, lightingClass } from '#domain/lighting/lighting-class.ts';
import type { ClassLevel, Photometry } from '#domain/lighting/photometry.ts';
import { levelForClass } from '#domain/lighting/photometry.ts';

/** A program in the words of a lighting engineer: classes, not levels. Levels follow from what stands in each street. */
export interface ClassProgram extends Omit<ControlProgram, 'fixedTimeControls'> {
  /** Ascending in time; `off` is darkness. */
  readonly classes: readonly { readonly startTime: CivilTime; readonly lightingClass: string }[];
}

const OFF = 'off';

export interface DerivedProgram {
  readonly program: ControlProgram;
  /** In the order of `classes`; null where it is off. */
  readonly levels: readonly (ClassLevel | null)[];
}

/** Identifiers have 64 characters at most. */
const ID_LIMIT = 64;

/**
 * The program of one kind of street. Its identifier says its levels, so that streets that come to the same levels share
 * one program, and a street whose luminaires are replaced gets another.
 */
export const deriveProgram = (
  { classes, ...program }: ClassProgram,
  photometry: Photometry,
  table: LightingClassTable = EN_13201_2,
): DerivedProgram => {
  const levels = classes.map(({ lightingClass: name }) =>
    name === OFF ? null : levelForClass(lightingClass(name, table), photometry),
  );
  const percents = levels.map((level) => level?.levelPercent ?? 0);
  const suffix = `-${percents.join('-')}`;
  return {
    program: {
      ...program,
      id: `${program.id.slice(0, ID_LIMIT - suffix.length).replace(/-+$/, '')}${suffix}`,
      fixedTimeControls: classes.map(({ startTime }, index) => ({ startTime, levelPercent: percents[index] ?? 0 })),
    },
    levels,
  };
};
