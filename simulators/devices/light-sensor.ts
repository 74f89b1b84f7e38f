import type { Instant } from '#domain/civil-time.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage } from '../modbus-server/register-image.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';
import type { Sky } from './sky.ts';

/** Fictitious outdoor sensor: illuminance and air temperature. */
export const createLightSensor = (facts: RegisterFacts, sky: Sky, now: () => Instant): ModbusUnit => {
  const { register } = facts('axone-demo-light-sensor');
  const illuminance = register('illuminance');
  const temperature = register('temperature');
  return createRegisterImage({
    cells: [
      { fact: illuminance, address: illuminance.address, read: () => sky.illuminanceLx(now()) },
      { fact: temperature, address: temperature.address, read: () => sky.temperatureC(now()) },
    ],
  });
};
