import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { Finding } from '#domain/lighting/finding.ts';
import type { Installation } from '#domain/lighting/installation.ts';
import { classReached, EN_13201_2, lightingClass } from '#domain/lighting/lighting-class.ts';
import { averageAt, levelForClass, type Photometry } from '#domain/lighting/photometry.ts';

const FULL_LIGHT_PERCENT = 100;

/** Levels that a program asks for by itself, and where. */
const askedLevels = ({ fixedTimeControls, astroClockTimeControls = [] }: ControlProgram) => [
  ...fixedTimeControls.map(({ levelPercent }, index) => ({ levelPercent, place: `fixedTimeControls.${index}` })),
  ...astroClockTimeControls.flatMap(({ levelPercent, operation }, index) =>
    operation === 'Set' || operation === 'Min' ? [{ levelPercent, place: `astroClockTimeControls.${index}` }] : [],
  ),
];

const unitOf = ({ family }: Photometry): string => (family === 'M' ? 'cd/m²' : 'lx');
const rounded = (average: number): number => Math.round(average * 1000) / 1000;

const classFinding = (levelPercent: number, asked: string, photometry: Photometry, path: string): Finding | null => {
  const wanted = lightingClass(asked);
  if (wanted.family !== photometry.family) return null;
  const average = averageAt(levelPercent, photometry);
  const reached = classReached(photometry.family, average);
  if (levelPercent >= levelForClass({ ...wanted }, { ...photometry, isConflictArea: false, minimumPercent: 1 }).levelPercent)
    return null;
  const fields = {
    level: levelPercent,
    average: rounded(average),
    unit: unitOf(photometry),
    asked,
    reached: reached?.name ?? '–',
  };
  return { code: 'class-below-floor', path, rule: EN_13201_2, firstOn: null, fields };
};

const levelFindings = (level: number, path: string, { photometry, leastClass }: Installation): readonly Finding[] => {
  if (photometry === undefined || level === 0) return [];
  const found: Finding[] = [];
  if (photometry.isConflictArea && level < FULL_LIGHT_PERCENT)
    found.push({ code: 'crossing-dimmed', path, rule: null, firstOn: null, fields: { level } });
  if (level < photometry.minimumPercent)
    found.push({ code: 'below-minimum', path, rule: null, firstOn: null, fields: { level, minimum: photometry.minimumPercent } });
  const below = leastClass === undefined ? null : classFinding(level, leastClass, photometry, path);
  return below === null ? found : [...found, below];
};

/** What the levels of a program give in the street that it lights: crossings, minimum, least class. */
export const checkLevels = (program: ControlProgram, installation: Installation, path: string): readonly Finding[] => {
  const { photometry, leastClass } = installation;
  const levels = askedLevels(program).flatMap(({ levelPercent, place }) =>
    levelFindings(levelPercent, `${path}.${place}`, installation),
  );
  if (photometry === undefined || leastClass === undefined) return levels;
  const wanted = lightingClass(leastClass);
  if (wanted.family !== photometry.family || levelForClass(wanted, photometry).isReached) return levels;
  const fields = { average: rounded(averageAt(FULL_LIGHT_PERCENT, photometry)), unit: unitOf(photometry), asked: leastClass };
  return [...levels, { code: 'class-not-reached', path, rule: EN_13201_2, firstOn: null, fields }];
};
