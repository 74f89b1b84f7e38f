import { parseArgs } from 'node:util';
import type { StoreName } from './stage.ts';

export interface TrialArguments {
  readonly seed: number;
  readonly store: StoreName;
  readonly minutes: number;
  readonly values: number;
}

const number = (option: string, text: string): number => {
  const read = Number(text);
  if (!Number.isFinite(read) || read <= 0) throw new Error(`--${option} ${text}: a number above 0 is expected`);
  return read;
};

/** `--seed N`, `--store sqlite|influxdb`, `--minutes N`, `--values N`. */
export const readTrialArguments = (options: readonly string[], absent: TrialArguments): TrialArguments => {
  const { values } = parseArgs({
    args: [...options],
    options: { seed: { type: 'string' }, store: { type: 'string' }, minutes: { type: 'string' }, values: { type: 'string' } },
  });
  const { seed, store = absent.store, minutes, values: count } = values;
  if (store !== 'sqlite' && store !== 'influxdb') throw new Error(`--store ${store}: sqlite or influxdb is expected`);
  return {
    store,
    seed: seed === undefined ? absent.seed : number('seed', seed),
    minutes: minutes === undefined ? absent.minutes : number('minutes', minutes),
    values: count === undefined ? absent.values : number('values', count),
  };
};
