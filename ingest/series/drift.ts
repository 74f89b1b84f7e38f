import type { StoredRollup } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { type BucketSpan, flagsOf } from '#domain/energy/rollup.ts';

const HOUR_MS = 3_600_000;
/** Registers that count the energy of the power beside them. */
const REGISTERS: readonly QuantityName[] = ['energyImportedWh', 'activeEnergyWh'];
/** More than this, beyond one step of a register, is no longer the error of two samplings. */
const TOLERANCE = 0.05;
const REGISTER_STEP_WH = 100;
const COVERED = 0.95;

/** Flags the days on which a register and the power beside it disagree. The energy stays the register's. */
export const flagDrift = (rollups: readonly StoredRollup[], days: readonly BucketSpan[]): readonly StoredRollup[] => {
  const hoursOf = new Map(days.map(({ from, to }) => [from, (to - from) / HOUR_MS]));
  const powers = new Map(
    rollups.flatMap(({ step, quantity, bucket }) =>
      step === 'day' && quantity === 'activePowerW' && bucket.coverage > COVERED ? [[bucket.at, bucket.value ?? 0]] : [],
    ),
  );
  return rollups.map((rollup) => {
    const { step, quantity, bucket } = rollup;
    const powerW = powers.get(bucket.at);
    if (step !== 'day' || !REGISTERS.includes(quantity) || bucket.value === null || bucket.coverage <= COVERED) return rollup;
    if (powerW === undefined) return rollup;
    const expectedWh = powerW * (hoursOf.get(bucket.at) ?? 0);
    const apartWh = Math.abs(bucket.value - expectedWh) - REGISTER_STEP_WH;
    const drifts = apartWh > TOLERANCE * Math.max(Math.abs(expectedWh), bucket.value);
    return drifts ? { ...rollup, bucket: { ...bucket, flags: flagsOf(bucket.flags, 'drift') } } : rollup;
  });
};
