import { decodeRaw } from '#gateway/modbus/decode.ts';
import { wordsOf } from '#gateway/modbus/register-layout.ts';
import type { FailSafePoint } from '#gateway/profiles/fail-safe-point.ts';
import { levelPercentOf, rawLevelOf } from '#gateway/profiles/level-scale.ts';
import type { FailSafeSettings } from './fail-safe-settings.ts';
import { type SettableDevice, wireAddress } from './field-device.ts';

/** The number that the register must hold for these wishes. */
export const wantedRaw = (point: FailSafePoint, wishes: FailSafeSettings): number => {
  const { means, level, value = 0, min = 0, max = 0xffff, scale } = point;
  switch (means) {
    case 'link-loss-time':
      return Math.round(Math.min(Math.max(wishes.linkLossSeconds, min), max) / scale);
    case 'link-loss-action':
    case 'power-on-action':
      return value;
    case 'link-loss-contactor':
      return wishes.contactorClosed ? value : 0;
    case 'link-loss-level':
    case 'power-on-level':
      return rawLevelOf(wishes.levelPercent, level ?? 'percent');
  }
};

/** A number of the register as a person reads it. */
export const saidOf = ({ means, level = 'percent', value, scale }: FailSafePoint, raw: number): string => {
  switch (means) {
    case 'link-loss-time':
      return `${raw * scale} s`;
    case 'link-loss-action':
    case 'power-on-action':
      return `action ${raw}`;
    case 'link-loss-contactor':
      return raw === value ? 'closed' : raw === 0 ? 'open' : `${raw}`;
    case 'link-loss-level':
    case 'power-on-level': {
      const percent = levelPercentOf(raw, level);
      return percent === null ? `no level (${raw})` : `${percent} %`;
    }
  }
};

/** What the register holds. Rejects with the faults of the bus. */
export const readRegister = async ({ bus, unitId, profile, channel }: SettableDevice, point: FailSafePoint): Promise<number> => {
  const address = wireAddress(profile, point.address, point.step, channel);
  const { words } = await bus.read({ unitId, table: 'holding', address, count: wordsOf(point.type) }, 'polling');
  return Number(decodeRaw(words, point) ?? Number.NaN);
};
