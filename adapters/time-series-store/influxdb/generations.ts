import { fault } from '#contract/errors.ts';
import type { Instant } from '#domain/civil-time.ts';

/**
 * What the generations of InfluxDB do differently, and nothing else. 1.x is run by the tests; 2.x and 3.x follow their
 * documentation (docs.influxdata.com: InfluxDB v2 "1.x compatibility API", InfluxDB 3 Core "write_lp") and were not run.
 */
export const INFLUX_GENERATIONS = [1, 2, 3] as const;
export type InfluxGeneration = (typeof INFLUX_GENERATIONS)[number];

interface Credentials {
  readonly generation?: InfluxGeneration;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

/** Basic for a user, `Token` for 2.x, `Bearer` for 3.x; none without credentials. */
export const authorizationOf = ({ generation = 1, username, password, token }: Credentials): Record<string, string> => {
  if (token !== undefined && generation !== 1) return { authorization: `${generation === 2 ? 'Token' : 'Bearer'} ${token}` };
  if (username === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
};

interface WriteTarget {
  readonly generation?: InfluxGeneration;
  readonly organisation?: string;
}

/** Path of a write in milliseconds. The bucket of 2.x has the name of its database: `/query` finds it by that name. */
export const writePath = ({ generation = 1, organisation = '' }: WriteTarget, database: string): string => {
  const name = encodeURIComponent(database);
  switch (generation) {
    case 1:
      return `/write?db=${name}&precision=ms`;
    case 2:
      return `/api/v2/write?org=${encodeURIComponent(organisation)}&bucket=${name}&precision=ms`;
    case 3:
      return `/api/v3/write_lp?db=${name}&precision=millisecond`;
  }
};

const refuseDeletion = (what: string) =>
  fault('STORE_REFUSED', { what, reason: 'InfluxDB 3 deletes no rows: keep dwellings in another generation' });

/** Deletes what a measurement holds from before an instant. Throws `STORE_REFUSED` for 3.x, which has no such statement. */
export const expireStatement = (generation: InfluxGeneration, measurement: string, before: Instant): string => {
  if (generation === 3) throw refuseDeletion(`deleting from ${measurement}`);
  return `DELETE FROM "${measurement}" WHERE time < ${before}ms`;
};

/** Erases a point from measurements. 1.x takes it out of its index too; 2.x has no DROP SERIES. Throws `STORE_REFUSED` for 3.x. */
export const eraseStatements = (
  generation: InfluxGeneration,
  measurements: readonly string[],
  point: string,
): readonly string[] => {
  if (generation === 3) throw refuseDeletion(`the erasure of ${point}`);
  const verb = generation === 1 ? 'DROP SERIES' : 'DELETE';
  return measurements.map((measurement) => `${verb} FROM "${measurement}" WHERE "point" = '${point}'`);
};
