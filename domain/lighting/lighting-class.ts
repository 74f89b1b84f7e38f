/** A lighting class of EN 13201-2: what a street of a kind must have, maintained over the life of its luminaires. */
export interface LightingClass {
  readonly name: string;
  /** Motor traffic in luminance; conflict areas and pedestrians in illuminance. */
  readonly family: 'M' | 'C' | 'P';
  /** Maintained average: cd/m² for M, lx for C and P. */
  readonly average: number;
}

/** A table of classes as dated data. */
export interface LightingClassTable {
  readonly id: string;
  readonly title: string;
  readonly from: string;
  readonly source: string;
  /** `to-verify`: from no text that could be read; shown as such, and nothing is refused because of it. */
  readonly certainty: 'sourced' | 'to-verify';
  /** Each family from the brightest to the darkest. */
  readonly classes: readonly LightingClass[];
}

const family = (letter: LightingClass['family'], first: number, averages: readonly number[]): readonly LightingClass[] =>
  averages.map((average, index) => ({ name: `${letter}${first + index}`, family: letter, average }));

/** The standard is sold, not published: its averages are written from general knowledge. Uniformity does not change with uniform dimming. */
export const EN_13201_2: LightingClassTable = {
  id: 'en-13201-2-2015',
  title: 'NF EN 13201-2:2015',
  from: '2015-12-01',
  source: 'NF EN 13201-2:2015, tableaux des classes M, C et P',
  certainty: 'to-verify',
  classes: [
    ...family('M', 1, [2, 1.5, 1, 0.75, 0.5, 0.3]),
    ...family('C', 0, [50, 30, 20, 15, 10, 7.5]),
    ...family('P', 1, [15, 10, 7.5, 5, 3, 2]),
  ],
};

export const lightingClass = (name: string, { classes, title }: LightingClassTable = EN_13201_2): LightingClass => {
  const found = classes.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`${title} has no class ${name}`);
  return found;
};

/** The brightest class of a family whose average is reached; null when not even the darkest is. */
export const classReached = (
  family: LightingClass['family'],
  average: number,
  { classes }: LightingClassTable = EN_13201_2,
): LightingClass | null => classes.find((one) => one.family === family && average >= one.average * (1 - ROUNDING)) ?? null;

/** A level is whole and a class is not: half a hundredth is no class apart. */
const ROUNDING = 0.005;
