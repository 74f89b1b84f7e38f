import type { Instant } from '#domain/civil-time.ts';
import type {
  AstroAndSensorActivePeriod,
  ControlEffect,
  SensorActivePeriod,
  SensorAddress,
  SensorReference,
  ValueActivePeriod,
} from '#domain/lighting/control-program.ts';

export interface SensorSample {
  readonly at: Instant;
  /** A photocell that is ON, or a presence, is true; null from when the sensor is silent. */
  readonly value: number | boolean | null;
}

/** What each sensor said, ascending in time. A sensor that is not in it is silent. */
export type SensorHistory = ReadonlyMap<SensorAddress, readonly SensorSample[]>;

export type SensedPeriod = SensorActivePeriod | AstroAndSensorActivePeriod | ValueActivePeriod;

/** A dynamic control that applies now. */
export interface RaisedEffect {
  readonly sensor: SensorAddress;
  readonly levelPercent: number;
  /** End of the hold; null while the sensor is raised. */
  readonly heldUntil: Instant | null;
}

const samplesUntil = (history: SensorHistory, sensor: SensorAddress, at: Instant): readonly SensorSample[] => {
  const samples = history.get(sensor) ?? [];
  const count = samples.findIndex((sample) => sample.at > at);
  return count === -1 ? samples : samples.slice(0, count);
};

/** The level last said, unless the sensor is silent now; of two sensors, the first that says something. */
const levelSamples = ({ sensorAddresses }: SensorReference, history: SensorHistory, at: Instant): readonly SensorSample[] =>
  sensorAddresses
    .map((sensor) => samplesUntil(history, sensor, at))
    .find((samples) => (samples.at(-1)?.value ?? null) !== null) ?? [];

type Threshold = Pick<AstroAndSensorActivePeriod, 'onLevel' | 'offLevel'>;

/** What one sample decides: dark, light, or nothing between the two levels. A photocell's ON is dark. */
const darkness = (value: SensorSample['value'], { onLevel, offLevel }: Threshold): boolean | null => {
  if (value === null) return null;
  if (typeof value === 'boolean' || onLevel === undefined || offLevel === undefined) return Number(value) >= 1;
  if (value < onLevel) return true;
  return value > offLevel ? false : null;
};

const isTrue = (value: number, operator: ValueActivePeriod['operator'], state: number): boolean => {
  switch (operator) {
    case 'EQ':
      return value === state;
    case 'NE':
      return value !== state;
    case 'GE':
      return value >= state;
    case 'GT':
      return value > state;
    case 'LE':
      return value <= state;
    case 'LT':
      return value < state;
  }
};

/** Whether a sensor makes its period active; null when it is silent or has never decided. */
export const isSensedActive = (period: SensedPeriod, history: SensorHistory, at: Instant): boolean | null => {
  if (period.name === 'ValueActivePeriod') {
    const value = samplesUntil(history, period.reference, at).at(-1)?.value ?? null;
    return value === null ? null : isTrue(Number(value), period.operator, period.value);
  }
  const samples = levelSamples(period.sensor, history, at);
  for (const { value } of samples.toReversed()) {
    const isDark = darkness(value, period);
    if (isDark !== null) return isDark;
  }
  return null;
};

/** A sensor raises while it says true, or more than nothing. */
const isRaised = ({ value }: SensorSample): boolean => value === true || (typeof value === 'number' && value > 0);

const raisedBy = (sensor: SensorAddress, effect: ControlEffect, history: SensorHistory, at: Instant): RaisedEffect | null => {
  const samples = samplesUntil(history, sensor, at);
  const index = samples.findLastIndex(isRaised);
  const raised = samples[index];
  if (raised === undefined) return null;
  const loweredAt = samples[index + 1]?.at ?? null;
  const heldUntil = loweredAt === null ? null : ((loweredAt + Math.round((effect.holdTime ?? 0) * 1000)) as Instant);
  if (heldUntil !== null && at >= heldUntil) return null;
  const said = Math.min(100, Number(raised.value));
  return { sensor, levelPercent: effect.type === 'FixedControlEffect' ? effect.levelPercent : said, heldUntil };
};

/** What an effect does at an instant; null when none of its sensors is raised nor held. A raised sensor goes before a held one. */
export const raisedEffect = (effect: ControlEffect, history: SensorHistory, at: Instant): RaisedEffect | null => {
  const all = effect.source.sensor.sensorAddresses.flatMap((sensor) => raisedBy(sensor, effect, history, at) ?? []);
  return (
    all.find(({ heldUntil }) => heldUntil === null) ?? all.toSorted((a, b) => (b.heldUntil ?? 0) - (a.heldUntil ?? 0))[0] ?? null
  );
};
