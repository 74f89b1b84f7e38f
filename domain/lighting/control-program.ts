import type { CivilTime } from '#domain/civil-time.ts';

/** `by` of a program that came with the assets file. */
export const IMPORTED_BY = 'assets-file';

/**
 * What a light point does within one night, in TALQ 2.7.1 words. Outside its active periods an actuator is off; inside,
 * the fixed-time control last begun (wrapping at midnight) gives the level; without any fixed-time control, 100 %.
 */
export interface ControlProgram {
  readonly id: string;
  /** Grows with each publication. */
  readonly version: number;
  readonly name: string;
  /** Account that published this version, or `IMPORTED_BY`. */
  readonly by: string;
  /** Empty: the whole day is active. */
  readonly activePeriods: readonly ActivePeriod[];
  /** In ascending order of time, no two alike. */
  readonly fixedTimeControls: readonly FixedTimeControl[];
}

/** From sunset + sunsetOffset to sunrise + sunriseOffset, signed minutes. */
export interface ActivePeriod {
  readonly name: 'AstroClockActivePeriod';
  readonly sunsetOffset: number;
  readonly sunriseOffset: number;
}

export interface FixedTimeControl {
  /** Civil time of the site, daylight saving included. */
  readonly startTime: CivilTime;
  readonly levelPercent: number;
}
