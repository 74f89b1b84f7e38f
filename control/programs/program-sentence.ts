import type { ActivePeriod, AstroClockActivePeriod, ControlProgram } from '#domain/lighting/control-program.ts';

export interface Sentence {
  readonly fr: string;
  readonly en: string;
}

const FULL_LIGHT_PERCENT = 100;

const joined = (parts: readonly Sentence[]): Sentence => ({
  fr: parts.map(({ fr }) => fr).join(', '),
  en: parts.map(({ en }) => en).join(', '),
});

const offsetWords = (minutes: number): Sentence => {
  if (minutes === 0) return { fr: 'au', en: 'at' };
  const size = Math.abs(minutes);
  return minutes > 0
    ? { fr: `${size} min après le`, en: `${size} min after` }
    : { fr: `${size} min avant le`, en: `${size} min before` };
};

const AGAINST_SENSOR: Sentence = { fr: 'selon le capteur', en: 'as the sensor says' };

const sunWords = ({ sunsetOffset, sunriseOffset }: Pick<AstroClockActivePeriod, 'sunsetOffset' | 'sunriseOffset'>): Sentence => {
  const from = offsetWords(sunsetOffset);
  const to = offsetWords(sunriseOffset);
  return {
    fr: `Allumée ${from.fr} coucher du soleil, éteinte ${to.fr} lever`,
    en: `On ${from.en} sunset, off ${to.en} sunrise`,
  };
};

const periodWords = (period: ActivePeriod): Sentence => {
  switch (period.name) {
    case 'AstroClockActivePeriod':
      return sunWords(period);
    case 'AstroAndSensorActivePeriod': {
      const sun = sunWords(period);
      return { fr: `${sun.fr}, ${AGAINST_SENSOR.fr}`, en: `${sun.en}, ${AGAINST_SENSOR.en}` };
    }
    case 'AbsoluteActivePeriod':
      return {
        fr: `Allumée de ${period.startTime} à ${period.endTime}`,
        en: `On from ${period.startTime} to ${period.endTime}`,
      };
    case 'SensorActivePeriod':
    case 'ValueActivePeriod':
      return { fr: `Allumée ${AGAINST_SENSOR.fr}`, en: `On ${AGAINST_SENSOR.en}` };
  }
};

/** What differs from full light: each control holds until the next, the last until the first. */
const reductionWords = ({ fixedTimeControls }: ControlProgram): readonly Sentence[] =>
  fixedTimeControls.flatMap(({ startTime, levelPercent }, index) => {
    if (levelPercent === FULL_LIGHT_PERCENT) return [];
    const until = fixedTimeControls[(index + 1) % fixedTimeControls.length]?.startTime ?? startTime;
    if (until === startTime) return [{ fr: `à ${levelPercent} % toute la nuit`, en: `at ${levelPercent} % all night` }];
    return [{ fr: `${levelPercent} % de ${startTime} à ${until}`, en: `${levelPercent} % from ${startTime} to ${until}` }];
  });

/** A program as a person says it, in both languages. */
export const programSentence = (program: ControlProgram): Sentence => {
  const always: Sentence = { fr: 'Allumée jour et nuit', en: 'On day and night' };
  const periods = program.activePeriods.length === 0 ? [always] : program.activePeriods.map(periodWords);
  const { fr, en } = joined([...periods, ...reductionWords(program)]);
  return { fr: `${fr}.`, en: `${en}.` };
};
