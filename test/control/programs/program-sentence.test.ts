import { describe, expect, it } from 'vitest';
import { programSentence } from '#control/programs/program-sentence.ts';
import { civilTime } from '#domain/civil-time.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';

const program = (more: Partial<ControlProgram>): ControlProgram => ({
  id: 'program-rue',
  version: 1,
  name: 'Rue',
  by: 'account-a',
  activePeriods: [{ name: 'AstroClockActivePeriod', sunsetOffset: 15, sunriseOffset: -15 }],
  fixedTimeControls: [],
  ...more,
});
const control = (startTime: string, levelPercent: number) => ({ startTime: civilTime(startTime), levelPercent });

describe('a program in one sentence', () => {
  it('says when it is lit and what differs from full light', () => {
    expect(programSentence(program({ fixedTimeControls: [control('05:00', 100), control('23:00', 50)] }))).toEqual({
      fr: 'Allumée 15 min après le coucher du soleil, éteinte 15 min avant le lever, 50 % de 23:00 à 05:00.',
      en: 'On 15 min after sunset, off 15 min before sunrise, 50 % from 23:00 to 05:00.',
    });
  });

  it('says a level that lasts all night, and exact sunset and sunrise', () => {
    const astro = [{ name: 'AstroClockActivePeriod' as const, sunsetOffset: 0, sunriseOffset: 0 }];
    expect(programSentence(program({ activePeriods: astro, fixedTimeControls: [control('00:00', 80)] }))).toEqual({
      fr: 'Allumée au coucher du soleil, éteinte au lever, à 80 % toute la nuit.',
      en: 'On at sunset, off at sunrise, at 80 % all night.',
    });
  });

  it('says that a light without period burns day and night', () => {
    expect(programSentence(program({ activePeriods: [] })).en).toBe('On day and night.');
  });
});
