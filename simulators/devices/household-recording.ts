import { CYCLE_MINUTES } from './minute-cycle.ts';

/**
 * One recorded home as a 28-day cycle that begins on a Sunday at midnight: what it drew less its water heater and air conditioner,
 * its reactive power and the voltage it saw.
 */
export interface HouseholdRecording {
  readonly withoutHotWaterW: Float64Array;
  readonly reactiveVar: Float32Array;
  readonly voltageV: Float32Array;
}

/** The first Sunday of the recording. */
const FIRST_MINUTE = '2006-12-17T00:00';
const COLUMNS = 'localTime,activePowerW,reactivePowerVar,voltageV,currentA,kitchenWh,laundryWh,waterHeaterAndAirConWh';

/**
 * Reads the minutes of `household-sceaux-1min.csv` from its first Sunday, 28 days of them. A minute without values goes on as the minute
 * before it: the home did not stop living because its recorder did. RangeError for another file.
 */
export const readHouseholdRecording = (csv: string): HouseholdRecording => {
  const lines = csv.split('\n');
  const start = lines.findIndex((line) => line.startsWith(FIRST_MINUTE));
  if (lines[0]?.trim() !== COLUMNS || start < 0 || lines.length < start + CYCLE_MINUTES)
    throw new RangeError(`The household recording must have the columns ${COLUMNS} and 28 days from ${FIRST_MINUTE}`);

  const withoutHotWaterW = new Float64Array(CYCLE_MINUTES);
  const reactiveVar = new Float32Array(CYCLE_MINUTES);
  const voltageV = new Float32Array(CYCLE_MINUTES);
  for (let minute = 0; minute < CYCLE_MINUTES; minute += 1) {
    const [, active = '', reactive = '', voltage = '', , , , hotWaterWh = ''] = (lines[start + minute] ?? '').trim().split(',');
    const present = active !== '';
    withoutHotWaterW[minute] = present ? Number(active) - 60 * Number(hotWaterWh) : (withoutHotWaterW[minute - 1] ?? 0);
    reactiveVar[minute] = present ? Number(reactive) : (reactiveVar[minute - 1] ?? 0);
    voltageV[minute] = present ? Number(voltage) : (voltageV[minute - 1] ?? 0);
  }
  return { withoutHotWaterW, reactiveVar, voltageV };
};
