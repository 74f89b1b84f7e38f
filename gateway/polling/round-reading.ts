import type { Reading } from '#contract/messages/telemetry.ts';
import type { Quality, QuantityName } from '#contract/quantities.ts';
import { formatInstant, type Instant } from '#domain/civil-time.ts';
import type { Suspicion } from '#domain/energy/plausibility.ts';
import type { DeviceReading } from '#gateway/devices/read-device.ts';

/** The levels a light adds to what its device says. */
export type CommandedLevel = (reading: DeviceReading) => number | null;

/**
 * A reading as it travels: what is missing is null with its quality, what is doubtful is said to be. A device that did not answer has all its quantities
 * missing at the instant it was asked. `takenAt` may be an elapsed stamp.
 */
export const roundReading = (
  reading: DeviceReading,
  takenAt: Instant,
  commandedLevel: number | null,
  doubtful: ReadonlyMap<QuantityName, Suspicion>,
): Reading | null => {
  const { device, values } = reading;
  if (device.point === null) return null;
  const all = device.kind === 'light' ? new Map(values).set('commandedLevelPercent', commandedLevel) : values;
  const quality: Record<string, Quality> = {};
  for (const [quantity, value] of all) if (value === null) quality[quantity] = 'missing';
  for (const quantity of doubtful.keys()) quality[quantity] = 'doubtful';
  const isAllMeasured = Object.keys(quality).length === 0;
  return {
    point: device.point,
    at: formatInstant(takenAt),
    values: Object.fromEntries(all),
    ...(isAllMeasured ? {} : { quality }),
  };
};
