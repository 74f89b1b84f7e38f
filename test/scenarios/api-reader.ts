import type { ApiAnswer, ApiCall } from '#contract/ports/api-client.ts';
import type { QuantityName } from '#contract/quantities.ts';
import {
  beginOverride,
  type LightPointAnswer,
  type OverrideAnswer,
  readOverride,
  readStreet,
  type StreetAnswer,
} from '#contract/routes/lighting.ts';
import type { Route } from '#contract/routes/route.ts';
import { readSeries } from '#contract/routes/series.ts';
import { type GroupId, groupId, lightPointId, pointId, siteId } from '#domain/identifiers.ts';
import { until } from '#test/services/until.ts';
import type { StartedPlatform } from './platform.ts';

export const STREET = siteId('site-republique');
export const BUILDING = siteId('site-tilleuls');
export const NORTH: GroupId = groupId('group-republique-nord');

type Body<R extends Route> = Extract<ApiAnswer<R>, { ok: true }>['body'];

export interface StoredValue {
  readonly at: string;
  readonly value: number | null;
  readonly quality: string;
}

/** What one signed-in person reads and asks of a platform, over HTTP. */
export interface ApiReader {
  read<R extends Route>(route: R, call: ApiCall<R>): Promise<Body<R>>;
  street(): Promise<StreetAnswer>;
  /** Light point REP-01 … REP-24. */
  lamp(label: string): Promise<LightPointAnswer>;
  /** Sets light points to a level for `minutes` of the street's own clock. */
  ask(target: OverrideAnswer['target'], levelPercent: number, minutes?: number): Promise<OverrideAnswer>;
  /** Waits until an override is so; the answer that was. */
  untilOverride(
    id: string,
    what: string,
    holds: (order: OverrideAnswer) => boolean,
    patienceMs?: number,
  ): Promise<OverrideAnswer>;
  untilStreet(what: string, holds: (street: StreetAnswer) => boolean, patienceMs?: number): Promise<StreetAnswer>;
  series(point: string, quantity: QuantityName, from?: string, to?: string): Promise<readonly StoredValue[]>;
}

export const onlyLamp = (label: string): OverrideAnswer['target'] => ({
  kind: 'light-point',
  lightPoint: lightPointId(label.toLowerCase().replace('rep-', 'light-point-republique-')),
});

export const lampOf = (street: StreetAnswer, label: string): LightPointAnswer => {
  const found = street.lightPoints.find((light) => light.label === label);
  if (found === undefined) throw new Error(`no ${label} in the street`);
  return found;
};

/** A minute of looking stays under what the API answers in a minute. */
const LOOK_EVERY_MS = 200;

/** A figure by its value alone: what a failed wait last saw stays readable. */
const summary = (key: string, seen: unknown): unknown =>
  typeof seen === 'object' && seen !== null && 'value' in seen && key !== 'totalPowerW' ? seen.value : seen;

export const createApiReader = ({ api, process }: StartedPlatform, token: string): ApiReader => {
  const read = async <R extends Route>(route: R, call: ApiCall<R>): Promise<Body<R>> => {
    const answer = await api.call(route, token, call);
    if (!answer.ok) throw new Error(`${route.name} refused: ${JSON.stringify(answer.error)}`);
    return answer.body;
  };
  const street = (): Promise<StreetAnswer> => read(readStreet, { params: { site: STREET } });

  const untilSo = async <T>(
    what: string,
    look: () => Promise<T>,
    holds: (seen: T) => boolean,
    patienceMs: number,
  ): Promise<T> => {
    let seen = await look();
    await until(
      what,
      async () => {
        if (!process.isRunning()) throw new Error(`the platform ended:\n${process.output().slice(-2000)}`);
        seen = await look();
        return holds(seen);
      },
      patienceMs,
      LOOK_EVERY_MS,
    ).catch((thrown: unknown) => {
      throw new Error(`${String(thrown)}\n${JSON.stringify(seen, summary)}`);
    });
    return seen;
  };

  return {
    read,
    street,
    lamp: async (label) => lampOf(await street(), label),
    ask: async (target, levelPercent, minutes = 60) => {
      const { now } = await street();
      const endsAt = new Date(Date.parse(now) + minutes * 60_000).toISOString();
      return read(beginOverride, { params: { site: STREET }, body: { target, levelPercent, endsAt, reason: 'essai' } });
    },
    untilOverride: (override, what, holds, patienceMs = 20_000) =>
      untilSo(what, () => read(readOverride, { params: { site: STREET, override } }), holds, patienceMs),
    untilStreet: (what, holds, patienceMs = 20_000) => untilSo(what, street, holds, patienceMs),
    series: async (point, quantity, from = '2026-01-01T00:00:00Z', to = '2027-12-31T00:00:00Z') =>
      (await read(readSeries, { query: { point: pointId(point), quantity, from, to } })).values,
  };
};
