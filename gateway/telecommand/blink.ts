import type { Clock } from '#contract/ports/clock.ts';
import type { Light } from '#gateway/autonomy/light.ts';
import { writeDevice } from '#gateway/devices/write-device.ts';

const BLINKS = 3;
const HALF_PERIOD_MS = 700;
/** A timer may be a little early. */
const TIMER_MARGIN_MS = 50;
const FULL_PERCENT = 100;
export const DIM_PERCENT = 10;

const halfPeriodMs = ({ device }: Light): number => {
  const slowest = (device.profile.writes?.commandedLevelPercent?.minSecondsBetweenWrites ?? 0) * 1000;
  return Math.max(HALF_PERIOD_MS, slowest + TIMER_MARGIN_MS);
};

/**
 * Makes a light recognised: three times bright and dim, which a street tolerates better than off, as fast as its profile
 * lets it be written. The light is left alone by its program meanwhile and brought back to it after. Rejects with the faults
 * of a write.
 */
export const blink = async (light: Light, clock: Clock): Promise<void> => {
  light.isHeld = true;
  try {
    for (let turn = 0; turn < BLINKS; turn += 1) {
      for (const level of [FULL_PERCENT, DIM_PERCENT]) {
        await writeDevice(light.device, 'commandedLevelPercent', level);
        await clock.sleep(halfPeriodMs(light));
      }
    }
  } finally {
    light.isHeld = false;
    light.forgetCommanded();
  }
};
