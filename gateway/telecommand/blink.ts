import type { Clock } from '#contract/ports/clock.ts';
import type { Light } from '#gateway/autonomy/light.ts';
import { writeDevice } from '#gateway/devices/write-device.ts';

const BLINKS = 3;
const HALF_PERIOD_MS = 700;
const FULL_PERCENT = 100;
const DIM_PERCENT = 10;

/**
 * Makes a light recognised: three times bright and dim, which a street tolerates better than off. The light is left alone
 * by its program meanwhile and brought back to it after. Rejects with the faults of a write.
 */
export const blink = async (light: Light, clock: Clock): Promise<void> => {
  light.isHeld = true;
  try {
    for (let turn = 0; turn < BLINKS; turn += 1) {
      for (const level of [FULL_PERCENT, DIM_PERCENT]) {
        await writeDevice(light.device, 'commandedLevelPercent', level);
        await clock.sleep(HALF_PERIOD_MS);
      }
    }
  } finally {
    light.isHeld = false;
    light.forgetCommanded();
  }
};
