import { QUANTITIES, type QuantityName } from '#contract/quantities.ts';
import { placesOf, type QuantityPlace } from '#gateway/devices/field-device.ts';
import { encodeRaw } from '#gateway/modbus/encode.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import { rawLevelOf } from '#gateway/profiles/level-scale.ts';
import type { ProfilePoint, RegisterPoint } from '#gateway/profiles/profile-point.ts';
import type { ModbusTable, ModbusUnit } from '#simulators/modbus-server/modbus-unit.ts';

const POWER_W = 720;
const SECONDS_PER_HOUR = 3600;
/** As far as the values of a device swing around their middle, in a minute. */
const SWING = 0.05;
const SWING_SECONDS = 60;
/** Of a counter when the unit begins. */
const BEFORE_WH = 1_000_000;

const MIDDLES: Readonly<Record<(typeof QUANTITIES)[QuantityName]['unit'], number>> = {
  W: POWER_W,
  Wh: BEFORE_WH,
  V: 230,
  A: 3.2,
  Hz: 50,
  var: 140,
  VA: 735,
  h: 1200,
  '°C': 21,
  lx: 12,
  '%': 70,
  '1': 0.95,
  mA: 4,
  'm³': 120,
};

/** What a device of these measures could say so many seconds after it began: a counter rises as the power says. */
const valueAt = (quantity: QuantityName, seconds: number): number => {
  const { kind, unit } = QUANTITIES[quantity];
  if (kind === 'state') return 0;
  if (kind === 'counter') return unit === 'Wh' ? BEFORE_WH + (POWER_W * seconds) / SECONDS_PER_HOUR : MIDDLES[unit];
  if (unit === '1' || unit === 'Hz') return MIDDLES[unit];
  return MIDDLES[unit] * (1 + SWING * Math.sin((2 * Math.PI * seconds) / SWING_SECONDS));
};

const tableOf = (table: ProfilePoint['table']): ModbusTable => {
  switch (table) {
    case 'coil':
      return 'coils';
    case 'discrete':
      return 'discrete-inputs';
    case 'holding':
      return 'holding-registers';
    case 'input':
      return 'input-registers';
  }
};

const registerWords = (point: RegisterPoint, value: number): readonly number[] =>
  point.level === undefined ? encodeRaw(value, point.scale, point) : encodeRaw(rawLevelOf(value, point.level), 1, point);

const wordsOf = ({ quantity, point }: QuantityPlace, seconds: number): readonly number[] => {
  const value = valueAt(quantity, seconds);
  return 'type' in point ? registerWords(point, value) : Array.from({ length: point.count ?? 1 }, () => value);
};

export interface ProfiledUnitOptions {
  /** Seconds since the field began. */
  readonly seconds: () => number;
  /** Everything that is written. */
  readonly onWrite?: (address: number, values: readonly number[]) => void;
}

/** A device as its profile describes it, with values that a guard believes. What was written is read back from then on. */
export const profiledUnit = (profile: DeviceProfile, { seconds, onWrite }: ProfiledUnitOptions): ModbusUnit => {
  const places = Array.from({ length: profile.channels ?? 1 }, (_each, channel) => placesOf(profile, channel)).flat();
  const image = new Map<string, number>();
  const written = new Set<string>();
  const keyOf = (table: ModbusTable, address: number): string => `${table} ${address}`;
  const put = (key: string, word: number): void => {
    if (!written.has(key)) image.set(key, word);
  };
  let imagedAt = Number.NEGATIVE_INFINITY;
  const refresh = (): void => {
    const now = Math.floor(seconds());
    if (now === imagedAt) return;
    imagedAt = now;
    for (const place of places) {
      const { point, span } = place;
      const table = tableOf(span.table);
      for (const [offset, word] of wordsOf(place, now).entries()) put(keyOf(table, span.address + offset), word);
      const describes = 'type' in point ? point.onlyIf : undefined;
      if (describes !== undefined) put(keyOf(table, span.address + describes.offset), describes.equals);
    }
  };
  return {
    read: (table, address, count) => {
      refresh();
      return Array.from({ length: count }, (_each, offset) => image.get(keyOf(table, address + offset)) ?? 0);
    },
    write: (table, address, values) => {
      for (const [offset, word] of values.entries()) {
        const key = keyOf(table, address + offset);
        image.set(key, word);
        written.add(key);
      }
      onWrite?.(address, values);
    },
  };
};
