import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { InfluxHttp } from '#adapters/time-series-store/influxdb/influx-http.ts';
import { loadProfiles, readGatewayConfiguration } from '#gateway/index.ts';

/** Points that a gateway reads by one period. */
export interface PointClass {
  readonly name: 'light' | 'meter' | 'sensor';
  readonly points: readonly string[];
  readonly periodMs: number;
}

export interface Window {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * Rounds fall on multiples of the period since 1970, so a reading belongs to the turn its instant is nearest to: one
 * reading of each point is expected at each turn that lies wholly in the window.
 */
export interface TurnCount {
  readonly class: PointClass['name'];
  readonly expected: number;
  /** Turns of a point that have at least one reading. */
  readonly arrived: number;
  /** Readings beyond the first of a turn. */
  readonly duplicates: number;
  /** The first few that are absent, as `point instant`. */
  readonly missing: readonly string[];
}

const MISSING_SHOWN = 10;
const LOOK_AGAIN_MS = 500;

/** Points of gateway files that publish every reading: those of dwellings publish one value a day or half an hour. */
export const pointClassesOf = async (gatewayFiles: readonly string[]): Promise<readonly PointClass[]> => {
  const profiles = await loadProfiles();
  const points = { light: [] as string[], meter: [] as string[], sensor: [] as string[] };
  const periods = { light: 0, meter: 0, sensor: 0 };
  for (const file of gatewayFiles) {
    const { poll, buses } = readGatewayConfiguration(await readFile(file, 'utf8'), file, profiles);
    Object.assign(periods, { light: poll.lightsSeconds, meter: poll.metersSeconds, sensor: poll.sensorsSeconds });
    for (const { profile, point, privacy } of buses.flatMap(({ devices }) => devices)) {
      const kind = profiles.get(profile)?.kind;
      if (point === undefined || privacy === 'dwelling') continue;
      if (kind === 'dali-gateway') points.light.push(point);
      else if (kind === 'electricity-meter') points.meter.push(point);
      else points.sensor.push(point);
    }
  }
  return (['light', 'meter', 'sensor'] as const)
    .map((name) => ({ name, points: points[name], periodMs: periods[name] * 1000 }))
    .filter(({ points: some }) => some.length > 0);
};

/** Instants of every reading kept, by point. */
export const instantsInStore = async (
  http: InfluxHttp,
  database: string,
  { from, to }: Window,
): Promise<Map<string, number[]>> => {
  const [series = []] = await http.query(
    `SELECT * FROM "readings" WHERE time >= ${from}ms AND time < ${to}ms GROUP BY "point"`,
    {},
    database,
  );
  return new Map(series.map(({ tags, rows }) => [tags['point'] ?? '', rows.map((row) => Number(row['time']))]));
};

export const countTurns = (
  { name, points, periodMs }: PointClass,
  instants: ReadonlyMap<string, readonly number[]>,
  { from, to }: Window,
): TurnCount => {
  const firstTurn = Math.ceil(from / periodMs + 0.5);
  const lastTurn = Math.floor(to / periodMs - 0.5);
  const missing: string[] = [];
  let [expected, arrived, duplicates] = [0, 0, 0];
  for (const point of points) {
    const readings = new Map<number, number>();
    for (const at of instants.get(point) ?? []) {
      const turn = Math.round(at / periodMs);
      readings.set(turn, (readings.get(turn) ?? 0) + 1);
    }
    for (let turn = firstTurn; turn <= lastTurn; turn += 1) {
      const found = readings.get(turn) ?? 0;
      expected += 1;
      if (found > 0) arrived += 1;
      else missing.push(`${point} ${new Date(turn * periodMs).toISOString()}`);
      duplicates += Math.max(0, found - 1);
    }
  }
  return { class: name, expected, arrived, duplicates, missing: missing.slice(0, MISSING_SHOWN) };
};

/** Counts once every turn has its reading, or as it is when the patience ends. */
export const countWhenArrived = async (
  classes: readonly PointClass[],
  readInstants: (window: Window) => Promise<ReadonlyMap<string, readonly number[]>>,
  window: Window,
  patienceMs: number,
): Promise<readonly TurnCount[]> => {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const instants = await readInstants(window);
    const counts = classes.map((pointClass) => countTurns(pointClass, instants, window));
    if (counts.every(({ expected, arrived }) => arrived === expected) || performance.now() > deadline) return counts;
    await pause(LOOK_AGAIN_MS);
  }
};
