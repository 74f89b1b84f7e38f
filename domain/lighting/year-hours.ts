import type { Calendar } from '#domain/lighting/calendar.ts';
import type { ControlProgram } from '#domain/lighting/control-program.ts';
import type { NightLedger } from '#domain/lighting/night-ledger.ts';
import { createNightLedger } from '#domain/lighting/night-ledger.ts';
import type { Position } from '#domain/lighting/sun.ts';
import { createSunTable } from '#domain/lighting/sun-table.ts';
import type { Profile, Year, YearPlan, YearProfiles } from '#domain/lighting/year-profiles.ts';
import { createYearProfiles, NO_PROGRAM } from '#domain/lighting/year-profiles.ts';

/** How long each level lasts in the year, in order of level. */
export type LevelHours = readonly { readonly levelPercent: number; readonly hours: number }[];

/** Where a light point stands and what it runs: a program every day, what a calendar chooses, or neither. */
export interface RunningLight {
  readonly position: Position;
  readonly program?: string;
  readonly calendar?: string;
}

const HOUR_MS = 3_600_000;
const LEVELS = 101;

const addUp = (profile: Profile, ledger: NightLedger, { days, firstDay }: Year): LevelHours => {
  const totals = new Float64Array(LEVELS);
  for (let index = 0; index < profile.variants.length; index += 1) {
    const variant = profile.variants[index] ?? NO_PROGRAM;
    if (variant !== NO_PROGRAM) ledger.add(totals, variant, index);
    else {
      const { startAt, endAt } = days.numbered(firstDay + index);
      totals[profile.defaultLevelPercent] = (totals[profile.defaultLevelPercent] ?? 0) + endAt - startAt;
    }
  }
  return [...totals.entries()].flatMap(([levelPercent, ms]) => (ms === 0 ? [] : [{ levelPercent, hours: ms / HOUR_MS }]));
};

interface Placed {
  readonly position: Position;
  readonly profile: Profile;
}

/** Each light point with what it runs, resolved once per program and per calendar. */
const placeLights = (lights: readonly RunningLight[], plan: YearPlan, { profileOf }: YearProfiles): readonly Placed[] => {
  const programs = new Map(plan.programs.map((program) => [program.id, program]));
  const calendars = new Map(plan.calendars.map((calendar) => [calendar.id, calendar]));
  const known = new Map<ControlProgram | Calendar | null, Profile>();
  return lights.map(({ position, program, calendar }) => {
    const source = programs.get(program ?? '') ?? calendars.get(calendar ?? '') ?? null;
    const profile = known.get(source) ?? profileOf(source, plan);
    known.set(source, profile);
    return { position, profile };
  });
};

/** Hours of each level for each light point, in their order. Kept for each place and profile, so that a question asked again is looked up. */
export const createYearHours = (year: Year): ((lights: readonly RunningLight[], plan: YearPlan) => readonly LevelHours[]) => {
  const profiles = createYearProfiles(year);
  const addedUp = new Map<string, Map<number, LevelHours>>();
  return (lights, plan) => {
    const placed = placeLights(lights, plan, profiles);
    const ledgers = new Map<string, NightLedger>();
    const ledgerAt = (place: string, position: Position): NightLedger => {
      const known = ledgers.get(place);
      if (known !== undefined) return known;
      ledgers.clear();
      const ledger = createNightLedger(profiles.variants, createSunTable(position, year.days), year);
      ledgers.set(place, ledger);
      return ledger;
    };
    const answers = new Array<LevelHours>(placed.length);
    const byPlace = Map.groupBy(placed.entries(), ([, { position }]) => `${position.latitude} ${position.longitude}`);
    for (const [place, standing] of byPlace) {
      const known = addedUp.get(place) ?? new Map<number, LevelHours>();
      addedUp.set(place, known);
      for (const [index, { position, profile }] of standing) {
        const hours = known.get(profile.number) ?? addUp(profile, ledgerAt(place, position), year);
        known.set(profile.number, hours);
        answers[index] = hours;
      }
    }
    return answers;
  };
};
