import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import type { StoredReading, TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { QuantityName } from '#contract/quantities.ts';
import { grafanaDocuments } from '#dashboards/grafana/generate.ts';
import { type Instant, parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';

const FROM = parseInstant('2026-11-24T20:00:00Z');
const MINUTE_MS = 60_000;
const at = (minute: number): Instant => (FROM + minute * MINUTE_MS) as Instant;
const TO = at(3);

interface Target {
  readonly refId: string;
  readonly query: string;
}
interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly Target[];
}

const reading = (point: string, minute: number, values: Partial<Record<QuantityName, number | null>>): StoredReading => ({
  point: pointId(point),
  privacy: 'operational',
  at: at(minute),
  values: Object.entries(values).map(([quantity, value]) => ({
    quantity: quantity as QuantityName,
    value,
    quality: value === null ? 'missing' : 'measured',
  })),
});

const lamp = (number: string, minute: number, powerW: number | null, failed = 0) =>
  reading(`point-republique-l${number}`, minute, {
    activePowerW: powerW,
    commandedLevelPercent: 70,
    effectiveLevelPercent: number === '01' ? 70 : 50,
    gearTemperatureC: 31.5,
    lampFailure: failed,
  });

/** Two lamps over three minutes; the second one is silent in the second minute. Another street must not be counted. */
const READINGS: readonly StoredReading[] = [
  lamp('01', 0, 20),
  lamp('02', 0, 30, 1),
  lamp('01', 1, 22),
  lamp('02', 1, null),
  lamp('01', 2, 24),
  lamp('02', 2, 32, 1),
  reading('point-autre-l01', 0, { activePowerW: 1000, effectiveLevelPercent: 1, lampFailure: 1 }),
  reading('point-republique-meter', 0, { activePowerW: 55, energyImportedWh: 1000 }),
  reading('point-republique-meter', 2, { activePowerW: 61, energyImportedWh: 1003 }),
  reading('point-republique-controller', 1, { doorOpen: 1, breakerTripped: 0 }),
  reading('point-republique-light', 0, { illuminanceLx: 0.4 }),
  reading('point-republique-presence', 2, { presence: 1 }),
];

/** Values of each step, null where nothing was measured, by panel and query. */
const EXPECTED: Readonly<Record<string, readonly (readonly (number | null)[])[]>> = {
  'Puissance : compteur de l’armoire et somme des lampes A': [[55, null, 61]],
  'Puissance : compteur de l’armoire et somme des lampes B': [[50, 22, 56]],
  'Énergie de l’armoire, par pas A': [[3]],
  'Puissance de chaque lampe A': [
    [20, 22, 24],
    [30, null, 32],
  ],
  'Niveau demandé et en vigueur, moyenne des lampes A': [[70, 70, 70]],
  'Niveau demandé et en vigueur, moyenne des lampes B': [[60, 60, 60]],
  'Niveau en vigueur de chaque lampe A': [
    [70, 70, 70],
    [50, 50, 50],
  ],
  'Température des appareillages A': [
    [31.5, 31.5, 31.5],
    [31.5, 31.5, 31.5],
  ],
  'Lampes en panne A': [[1, 0, 1]],
  'Lampes lues A': [[2, 1, 2]],
  'Porte ouverte A': [[1]],
  'Disjoncteur déclenché A': [[0]],
  'Lumière du ciel A': [[0.4, null, null]],
  'Présence A': [[null, null, 1]],
};

/** What Grafana fills before it asks the database. */
const filled = (query: string): string =>
  query
    .replaceAll('$timeFilter', `time >= ${FROM}ms AND time < ${TO}ms`)
    .replaceAll('$__interval', '1m')
    .replaceAll('$street', 'republique');

const panelsOf = (json: string): Panel[] => (JSON.parse(json) as { panels: Panel[] }).panels.filter(({ type }) => type !== 'row');

describe('the board of the street and its cabinet', () => {
  const [document] = grafanaDocuments();
  const panels = panelsOf(document?.json ?? '{"panels":[]}');
  let influxdb: StartedInfluxdb;
  let store: TimeSeriesStore;

  beforeAll(async () => {
    influxdb = await startInfluxdb();
    store = createInfluxdbStore({
      url: influxdb.url,
      database: 'axone',
      dwellingDatabase: 'axone_dwellings',
      logger: silentLogger,
    });
    await store.write(READINGS, { redelivered: false });
  });

  afterAll(async () => {
    await store.close();
    await influxdb.stop();
  });

  test('is committed as it is generated', async () => {
    expect(await readFile(new URL(`../../${document?.path}`, import.meta.url), 'utf8')).toBe(document?.json);
  });

  test('has a known answer for each of its queries', () => {
    const asked = panels.flatMap(({ title, targets }) => (targets ?? []).map(({ refId }) => `${title} ${refId}`));
    expect(asked.sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(
    panels.flatMap((panel) => (panel.targets ?? []).map((target) => ({ name: `${panel.title} ${target.refId}`, target }))),
  )('shows what was read: $name', async ({ name, target }) => {
    const answer = (await influxdb.query(filled(target.query), 'axone')) as {
      results: [{ error?: string; series?: { values: [string, number | null][] }[] }];
    };
    const [{ error, series = [] }] = answer.results;
    expect(error).toBeUndefined();
    expect(series.map(({ values }) => values.map(([, value]) => value))).toEqual(EXPECTED[name]);
  });
});
