import type { CivilTime } from '#domain/civil-time.ts';
import type { EffectOperation } from '#domain/lighting/effect-operation.ts';

/** `by` of a program that came with the assets file. */
export const IMPORTED_BY = 'assets-file';

/**
 * What a light point does within one program day, in TALQ 2.7.1 words. Outside its active periods an actuator is off.
 * Inside, the fixed-time control last begun gives the level (100 % without any), an astronomical control changes it, and
 * the first dynamic control whose sensor is raised changes that.
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
  readonly astroClockTimeControls?: readonly AstroClockTimeControl[] | undefined;
  /** The first whose sensor is raised wins. */
  readonly dynamicControls?: readonly DynamicControl[] | undefined;
}

export type ActivePeriod =
  | AbsoluteActivePeriod
  | AstroClockActivePeriod
  | SensorActivePeriod
  | AstroAndSensorActivePeriod
  | ValueActivePeriod;

/** Civil times of the site. Equal: the whole program day. */
export interface AbsoluteActivePeriod {
  readonly name: 'AbsoluteActivePeriod';
  readonly startTime: CivilTime;
  readonly endTime: CivilTime;
}

/** From sunset + sunsetOffset to sunrise + sunriseOffset, signed minutes. */
export interface AstroClockActivePeriod {
  readonly name: 'AstroClockActivePeriod';
  readonly sunsetOffset: number;
  readonly sunriseOffset: number;
}

/** From when the sensor falls below `onLevel` until it rises above `offLevel`; between the two it stays as it was. */
export interface SensorActivePeriod {
  readonly name: 'SensorActivePeriod';
  readonly sensor: SensorReference;
  readonly onLevel: number;
  readonly offLevel: number;
}

/**
 * Never outside sunset + sunsetOffset to sunrise + sunriseOffset. There, the sensor decides within `pcActiveBeforeSunset`
 * minutes before sunset and from `pcActiveBeforeSunrise` minutes before sunrise; between the two it is night and active.
 * Without levels the sensor is a photocell, whose output is ON in the dark.
 */
export interface AstroAndSensorActivePeriod {
  readonly name: 'AstroAndSensorActivePeriod';
  readonly sensor: SensorReference;
  readonly sunsetOffset: number;
  readonly sunriseOffset: number;
  readonly pcActiveBeforeSunset: number;
  readonly pcActiveBeforeSunrise: number;
  readonly onLevel?: number | undefined;
  readonly offLevel?: number | undefined;
}

/** While `reference operator value` is true. */
export interface ValueActivePeriod {
  readonly name: 'ValueActivePeriod';
  readonly reference: SensorAddress;
  readonly operator: 'EQ' | 'NE' | 'GE' | 'GT' | 'LE' | 'LT';
  readonly value: number;
}

/** A device and one of its quantities, such as `detecteur-01/presence`. */
export type SensorAddress = string;

/** One or two sensors: of two, the first that says something gives a light level, and either may raise. */
export interface SensorReference {
  readonly sensorAddresses: readonly SensorAddress[];
}

export interface FixedTimeControl {
  /** Civil time of the site, daylight saving included. */
  readonly startTime: CivilTime;
  readonly levelPercent: number;
}

/** From sunset or sunrise + offset until the next of these controls, or the end of the program day. */
export interface AstroClockTimeControl {
  readonly solarEventType: 'sunset' | 'sunrise';
  /** Signed minutes. */
  readonly offset: number;
  /** Of the level that the fixed-time controls give and `levelPercent`. */
  readonly operation: EffectOperation;
  readonly levelPercent: number;
}

export interface DynamicControl {
  /** Civil times of the site; absent or equal: the whole program day. */
  readonly period?: { readonly startTime: CivilTime; readonly endTime: CivilTime } | undefined;
  readonly effect: ControlEffect;
}

interface SensedEffect {
  readonly source: { readonly sensor: SensorReference };
  readonly operation: EffectOperation;
  /** Seconds that the effect lasts after the sensor is lowered. */
  readonly holdTime?: number | undefined;
}

/** A sensor that is raised applies a level. */
export interface FixedControlEffect extends SensedEffect {
  readonly type: 'FixedControlEffect';
  readonly levelPercent: number;
}

/** The source itself says the level, 0 to 100 %, while it is raised. */
export interface ExternalControlEffect extends SensedEffect {
  readonly type: 'ExternalControlEffect';
}

export type ControlEffect = FixedControlEffect | ExternalControlEffect;
