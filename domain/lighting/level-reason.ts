import type { Instant } from '#domain/civil-time.ts';

/** Which version of a program or a calendar, and who published it. */
export interface Published {
  readonly id: string;
  readonly version: number;
  readonly by: string;
}

export type ProgramReason = { readonly rung: 'program'; readonly active: boolean } & Published;

/** `rule` counts from 1; null is the calendar's default program. */
export type CalendarReason = {
  readonly rung: 'calendar';
  readonly rule: number | null;
  readonly program: Published;
  readonly active: boolean;
} & Published;

/** Nothing governs the light. */
export interface DefaultReason {
  readonly rung: 'default';
}

/** The dynamic control of this number in the program, from 1. */
export interface SensorReason {
  readonly rung: 'sensor';
  readonly sensor: string;
  readonly control: number;
  /** End of the hold; null while the sensor is raised. */
  readonly heldUntil: Instant | null;
  readonly program: Published;
}

export interface OverrideReason {
  readonly rung: 'override';
  readonly id: string;
  readonly by: string;
  readonly endsAt: Instant;
}

export type AskedReason = OverrideReason | SensorReason | CalendarReason | ProgramReason | DefaultReason;

/** A floor raised what `over` asked. */
export interface SafetyReason {
  readonly rung: 'safety';
  readonly id: string;
  readonly minimumPercent: number;
  readonly by: string;
  readonly reason: string;
  readonly over: AskedReason;
}

/** Why a light has its level: the rung of the ladder that won. */
export type LevelReason = SafetyReason | AskedReason;

/** The override that decides, even where a safety floor raises its level; null when none does. */
export const overrideBehind = (why: LevelReason): OverrideReason | null => {
  const asked = why.rung === 'safety' ? why.over : why;
  return asked.rung === 'override' ? asked : null;
};
