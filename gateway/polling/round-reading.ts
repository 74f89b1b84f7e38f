import type { Reading } from '#contract/messages/telemetry.ts';
import type { QuantityName } from '#contract/quantities.ts';
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
  const isLight = device.kind === 'light';
  const all = new Map<string, number | null>(values);
  if (isLight) all.set('commandedLevelPercent', commandedLevel);
  const missing = [...all].filter(([, value]) => value === null).map(([quantity]) => [quantity, 'missing'] as const);
  const doubted = [...doubtful.keys()].map((quantity) => [quantity, 'doubtful'] as const);
  const quality = [...missing, ...doubted];
  return {
    point: device.point,
    at: formatInstant(takenAt),
    values: Object.fromEntries(all),
    ...(quality.length === 0 ? {} : { quality: Object.fromEntries(quality) }),
  };
};
