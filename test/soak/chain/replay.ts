import type { Reading } from '#contract/messages/telemetry.ts';
import type { Quality, QuantityName } from '#contract/quantities.ts';
import { formatInstant, instant } from '#domain/civil-time.ts';
import { gatewayId } from '#domain/identifiers.ts';

export const GATEWAY = gatewayId('gateway-soak');

/** A past that is lived again: every value is a function of its point, its quantity and the number of its batch. */
export interface Replay {
  /** Milliseconds since 1970 of the first batch. */
  readonly startsAt: number;
  readonly batches: number;
  /** Civil milliseconds from one batch to the next; more than there are points. */
  readonly batchMs: number;
  readonly points: number;
}

export const REPLAYED = ['activePowerW', 'energyImportedWh', 'voltageV', 'frequencyHz'] as const satisfies QuantityName[];
export type Replayed = (typeof REPLAYED)[number];

export interface ReplayedValue {
  readonly value: number | null;
  readonly quality: Quality;
}

export const valuesPerBatch = ({ points }: Replay): number => points * REPLAYED.length;
export const pointName = (point: number): string => `point-soak-${point}`;

export const pointsOf = ({ points }: Replay): readonly string[] => Array.from({ length: points }, (_, point) => pointName(point));

/** Each point has its own millisecond in a batch. */
export const instantInReplay = ({ startsAt, batchMs }: Replay, batch: number, point: number): number =>
  startsAt + batch * batchMs + point;

/** A number of 32 bits in which every bit of what it is made of counts. */
const mixed = (point: number, batch: number): number => {
  let mix = Math.imul(point + 1, 0x9e3779b1) ^ Math.imul(batch + 1, 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 15), 0xc2b2ae35);
  return (mix ^ (mix >>> 13)) >>> 0;
};

/** One power in 97 is missing, another in 89 doubtful; the register grows. */
export const replayedValue = (point: number, quantity: Replayed, batch: number): ReplayedValue => {
  const mix = mixed(point, batch);
  switch (quantity) {
    case 'activePowerW':
      if (mix % 97 === 0) return { value: null, quality: 'missing' };
      return { value: (mix % 900_000) / 10, quality: mix % 89 === 0 ? 'doubtful' : 'measured' };
    case 'energyImportedWh':
      return { value: point * 1_000_000 + batch * 3, quality: 'measured' };
    case 'voltageV':
      return { value: 225 + (mix % 100) / 10, quality: 'measured' };
    case 'frequencyHz':
      return { value: 49.9 + (mix % 20) / 100, quality: 'measured' };
  }
};

const replayedReading = (replay: Replay, batch: number, point: number): Reading => {
  const values: Partial<Record<Replayed, number | null>> = {};
  const worth: Partial<Record<Replayed, Quality>> = {};
  for (const quantity of REPLAYED) {
    const { value, quality } = replayedValue(point, quantity, batch);
    values[quantity] = value;
    if (quality !== 'measured') worth[quantity] = quality;
  }
  return {
    point: pointName(point) as Reading['point'],
    at: formatInstant(instant(instantInReplay(replay, batch, point))),
    values,
    ...(Object.keys(worth).length === 0 ? {} : { quality: worth }),
  };
};

export const replayedBatch = (replay: Replay, batch: number): Reading[] =>
  Array.from({ length: replay.points }, (_, point) => replayedReading(replay, batch, point));
