import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { QuantityName } from '#contract/quantities.ts';
import { InfluxqlQuery } from './influxql-query.ts';

/** Points of one street, by the text of the variable `street`: `point-republique-l01`, `point-republique-meter`… */
const LUMINAIRES = '"point" =~ /^point-$street-l[0-9]+$/';
const onePoint = (suffix: 'meter' | 'controller' | 'light' | 'presence'): string => `"point" = 'point-$street-${suffix}'`;

/** Steps without a value stay empty: a gap is a gap. */
const STEPS = 'GROUP BY time($__interval) fill(null)';

const meanOf = (quantity: QuantityName, where: string): string =>
  `SELECT mean("${quantity}") FROM "readings" WHERE $timeFilter AND ${where} ${STEPS}`;

const byLuminaire = (quantity: QuantityName): string =>
  `SELECT mean("${quantity}") FROM "readings" WHERE $timeFilter AND ${LUMINAIRES} GROUP BY time($__interval), "point" fill(null)`;

/** Mean of each luminaire over a step, then their sum: steps with more readings of one lamp do not weigh more. */
const overLuminaires = (quantity: QuantityName, across: 'sum' | 'mean' | 'count', each: 'mean' | 'max' = 'mean'): string =>
  `SELECT ${across}("each") FROM (SELECT ${each}("${quantity}") AS "each" FROM "readings" WHERE $timeFilter AND ${LUMINAIRES} ` +
  `GROUP BY time($__interval), "point" fill(none)) WHERE $timeFilter ${STEPS}`;

/** Energy of each step: what the register gained since the step before. */
const gainOf = (quantity: QuantityName, where: string): string =>
  `SELECT non_negative_difference(last("${quantity}")) FROM "readings" WHERE $timeFilter AND ${where} GROUP BY time($__interval) fill(none)`;

const series = (title: string, unit: string, width = 12) =>
  new TimeSeriesPanel().title(title).unit(unit).span(width).height(8).spanNulls(false).min(0);

const stat = (title: string, unit: string) => new StatPanel().title(title).unit(unit).span(6).height(4);

const variables = [
  new DatasourceVariableBuilder('datasource').label('Base').type('influxdb'),
  new TextBoxVariableBuilder('street').label('Rue').defaultValue('republique'),
];

const powerPanels = [
  series('Puissance : compteur de l’armoire et somme des lampes', 'watt', 24)
    .withTarget(new InfluxqlQuery('A', meanOf('activePowerW', onePoint('meter'))).alias('compteur'))
    .withTarget(new InfluxqlQuery('B', overLuminaires('activePowerW', 'sum')).alias('somme des lampes')),
  series('Énergie de l’armoire, par pas', 'watth').withTarget(
    new InfluxqlQuery('A', gainOf('energyImportedWh', onePoint('meter'))).alias('énergie'),
  ),
  series('Puissance de chaque lampe', 'watt').withTarget(new InfluxqlQuery('A', byLuminaire('activePowerW')).alias('$tag_point')),
];

const levelPanels = [
  series('Niveau demandé et en vigueur, moyenne des lampes', 'percent', 24)
    .max(100)
    .withTarget(new InfluxqlQuery('A', overLuminaires('commandedLevelPercent', 'mean')).alias('demandé'))
    .withTarget(new InfluxqlQuery('B', overLuminaires('effectiveLevelPercent', 'mean')).alias('en vigueur')),
  series('Niveau en vigueur de chaque lampe', 'percent')
    .max(100)
    .withTarget(new InfluxqlQuery('A', byLuminaire('effectiveLevelPercent')).alias('$tag_point')),
  series('Température des appareillages', 'celsius').withTarget(
    new InfluxqlQuery('A', byLuminaire('gearTemperatureC')).alias('$tag_point'),
  ),
];

const statePanels = [
  stat('Lampes en panne', 'short').withTarget(
    new InfluxqlQuery('A', overLuminaires('lampFailure', 'sum', 'max')).alias('en panne'),
  ),
  stat('Lampes lues', 'short').withTarget(new InfluxqlQuery('A', overLuminaires('activePowerW', 'count')).alias('lues')),
  stat('Porte ouverte', 'bool_yes_no').withTarget(
    new InfluxqlQuery('A', `SELECT last("doorOpen") FROM "readings" WHERE $timeFilter AND ${onePoint('controller')}`).alias(
      'porte',
    ),
  ),
  stat('Disjoncteur déclenché', 'bool_yes_no').withTarget(
    new InfluxqlQuery('A', `SELECT last("breakerTripped") FROM "readings" WHERE $timeFilter AND ${onePoint('controller')}`).alias(
      'disjoncteur',
    ),
  ),
  series('Lumière du ciel', 'lux').withTarget(
    new InfluxqlQuery('A', meanOf('illuminanceLx', onePoint('light'))).alias('lumière'),
  ),
  series('Présence', 'bool_yes_no').withTarget(
    new InfluxqlQuery('A', `SELECT max("presence") FROM "readings" WHERE $timeFilter AND ${onePoint('presence')} ${STEPS}`).alias(
      'présence',
    ),
  ),
];

/** The engineers' bench of a street: the operational database only, never a dwelling. */
export const streetAndCabinet = (): Dashboard => {
  const board = new DashboardBuilder('Rue et armoire')
    .uid('axone-street-and-cabinet')
    .tags(['axone', 'éclairage'])
    .time({ from: 'now-24h', to: 'now' })
    .refresh('30s')
    .timezone('Europe/Paris')
    .readonly();
  for (const variable of variables) board.withVariable(variable);
  const rows = [
    { title: 'Puissance et énergie', panels: powerPanels },
    { title: 'Niveaux', panels: levelPanels },
    { title: 'États', panels: statePanels },
  ];
  for (const { title, panels } of rows) {
    board.withRow(new RowBuilder(title));
    for (const panel of panels) board.withPanel(panel);
  }
  return board.build();
};
