import { z } from 'zod';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage } from '../modbus-server/register-image.ts';
import { registerAddress } from '../register-facts/register-address.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';

export const RELAYS = 16;

export const relayState = z.object({ closed: z.array(z.boolean()).length(RELAYS) });
export type RelayState = z.infer<typeof relayState>;

/** Waveshare 16-channel board: coil 1 is a closed relay. */
export const createRelayBoard = (facts: RegisterFacts, state: RelayState, onChange: () => void): ModbusUnit => {
  const fact = facts('waveshare-modbus-rtu-relay-16ch').register('relay');
  return createRegisterImage({
    cells: Array.from({ length: RELAYS }, (_, index) => ({
      fact,
      address: registerAddress(fact, { index }),
      read: () => Number(state.closed[index] === true),
      write: (closed) => {
        state.closed[index] = closed === 1;
        onChange();
      },
    })),
  });
};
