import type { Durations, GatewayOverview, UnitHealth } from '#contract/routes/gateway.ts';
import { failSafeCount, failSafeProblems } from './fail-safe-section.ts';
import { type Markup, markup } from './markup.ts';
import { both, type Words } from './words.ts';

type Bus = GatewayOverview['buses'][number];
const MOST_NAMED_DEVICES = 2;

const STATES: Readonly<Record<GatewayOverview['state'], Words>> = {
  starting: ['démarre', 'starting'],
  ready: ['en marche', 'running'],
  degraded: ['en marche, avec un défaut', 'running, with a fault'],
  stopped: ['arrêtée', 'stopped'],
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const score = (value: number | null): Markup | string => (value === null ? both(['pas encore', 'not yet']) : `${value} %`);

/** In what time nine answers in ten came. */
const mostWithin = ({ count, buckets }: Durations): string => {
  if (count === 0) return '–';
  const bound = buckets.find((bucket) => bucket.count >= count * 0.9)?.upToMs ?? null;
  return bound === null ? '> 5 s' : `≤ ${bound} ms`;
};

const fact = (name: Words, value: Markup | string | number): Markup => markup`<div><dt>${both(name)}</dt><dd>${value}</dd></div>`;

const hour = (instant: string): string => instant.slice(0, 19).replace('T', ' ');

const gatewayFacts = (overview: GatewayOverview): Markup => {
  const { state, why, broker, outboxDepth, devices, devicesOffline, version, buses } = overview;
  return markup`<dl class="facts">
${fact(['État', 'State'], both(STATES[state]))}
${fact(['Centre', 'Centre'], both(broker === 'connected' ? ['relié', 'connected'] : ['pas de liaison', 'no link']))}
${fact(['Lots en attente d’envoi', 'Batches waiting to leave'], outboxDepth)}
${fact(['Appareils muets', 'Silent devices'], `${devicesOffline} / ${devices}`)}
${fact(['Replis vérifiés', 'Fail-safes verified'], failSafeCount(buses))}
${fact(['Version', 'Version'], version)}
</dl>${why === null ? null : markup`<p class="why" lang="en">${why}</p>`}`;
};

const devicesAt = ({ devices }: Bus, unitId: number): string => {
  const names = devices.filter((each) => each.unitId === unitId).map(({ device }) => device);
  const more = names.length - MOST_NAMED_DEVICES;
  return names.slice(0, MOST_NAMED_DEVICES).join(', ') + (more > 0 ? ` + ${more}` : '');
};

const unitState = ({ leftAloneForMs, lastFailure, score: value }: UnitHealth): Markup | string => {
  if (leftAloneForMs > 0) {
    const seconds = Math.ceil(leftAloneForMs / 1000);
    return both([`muette, réessayée dans ${seconds} s`, `silent, tried again in ${seconds} s`]);
  }
  if (lastFailure === null || value === 100) return both(['répond', 'answers']);
  return markup`${both(['répond mal', 'answers badly'])} <span class="why" lang="en">${lastFailure.what}</span>`;
};

const exceptionsOf = ({ exceptions }: UnitHealth): string =>
  exceptions.length === 0 ? '0' : exceptions.map(({ code, count }) => `${count} (code ${code})`).join(', ');

const unitRow = (bus: Bus, unit: UnitHealth): Markup => {
  const isBad = unit.score !== null && unit.score < 100;
  return markup`<tr class="${isBad ? 'bad' : 'good'}">
<th scope="row">${unit.unitId} <span class="device">${devicesAt(bus, unit.unitId)}</span></th>
<td class="number">${score(unit.score)}</td><td class="state">${unitState(unit)}</td>
<td class="number">${unit.requests}</td><td class="number">${unit.answers}</td><td class="number">${unit.timeouts}</td>
<td class="number">${unit.crcErrors}</td><td class="number">${unit.invalidAnswers}</td><td class="number">${exceptionsOf(unit)}</td>
<td class="number">${unit.retries}</td><td class="number">${mostWithin(unit.latency)}</td></tr>`;
};

const UNIT_COLUMNS: readonly Words[] = [
  ['Unité', 'Unit'],
  ['Note', 'Score'],
  ['État', 'State'],
  ['Questions', 'Requests'],
  ['Réponses', 'Answers'],
  ['Sans réponse', 'Time-outs'],
  ['CRC faux', 'CRC errors'],
  ['Invalides', 'Invalid'],
  ['Refus', 'Exceptions'],
  ['Reprises', 'Retries'],
  ['9 sur 10 en', '9 in 10 within'],
];

const header = (words: Words, isNumber: boolean): Markup =>
  markup`<th scope="col" class="${isNumber ? 'figures' : 'words'}">${both(words)}</th>`;

const table = (name: Words, columns: readonly Markup[], rows: readonly Markup[]): Markup =>
  markup`<div class="scroll" tabindex="0" role="region" aria-label="${name[0]}"><table>
<thead><tr>${columns}</tr></thead><tbody>${rows}</tbody></table></div>`;

/** Buckets as they are counted: each with the smaller ones. */
const latencies = ({ bus, units }: Bus): Markup | null => {
  const [first] = units;
  if (first === undefined) return null;
  const columns = first.latency.buckets.map(({ upToMs }) =>
    header(upToMs === null ? ['toutes', 'all'] : [`≤ ${upToMs} ms`, `≤ ${upToMs} ms`], true),
  );
  const rows = units.map(
    ({ unitId, latency }) =>
      markup`<tr><th scope="row">${unitId}</th>${latency.buckets.map(({ count }) => markup`<td class="number">${count}</td>`)}</tr>`,
  );
  const name: Words = [`Temps de réponse, ${bus}`, `Response times, ${bus}`];
  const corner = header(['Unité', 'Unit'], false);
  return markup`<details><summary>${both(['Temps de réponse', 'Response times'])}</summary>
${table(name, [corner, ...columns], rows)}
</details>`;
};

const worstSentence = (bus: Bus): Markup | null => {
  const { worstUnit, units } = bus;
  const worst = units.find(({ unitId }) => unitId === worstUnit);
  if (worst === undefined) return null;
  const name = devicesAt(bus, worst.unitId);
  return markup`<p class="alarm">${both([
    `À voir d’abord : l’unité ${worst.unitId} (${name}).`,
    `Look first at unit ${worst.unitId} (${name}).`,
  ])}</p>`;
};

const busFacts = ({ kind, address, isConnected, connectFailures, score: value, utilisation, queue }: Bus): Markup => {
  const occupied = `${percent(utilisation.lastMinute)}, ${percent(utilisation.lastFiveMinutes)}`;
  return markup`<dl class="facts">
${fact(['Note du bus', 'Score of the bus'], score(value))}
${fact(['Occupé, 1 et 5 min', 'Busy, 1 and 5 min'], occupied)}
${fact(['Ligne', 'Line'], `${kind} ${address}`)}
${fact(['Liaison', 'Link'], both(isConnected ? ['ouverte', 'open'] : ['coupée', 'down']))}
${fact(['Connexions échouées', 'Failed connections'], connectFailures)}
${fact(['En file : ordres, lectures', 'Queued: orders, reads'], `${queue.orders}, ${queue.polling}`)}
${fact(['9 ordres sur 10 attendent', '9 orders in 10 wait'], mostWithin(queue.ordersWait))}
${fact(['9 lectures sur 10 attendent', '9 reads in 10 wait'], mostWithin(queue.pollingWait))}
</dl>`;
};

const busSection = (bus: Bus): Markup => {
  const worstFirst = bus.units.toSorted((a, b) => (a.score ?? 101) - (b.score ?? 101));
  const rows = worstFirst.map((unit) => unitRow(bus, unit));
  return markup`<section><h2>Bus ${bus.bus}</h2>
${worstSentence(bus)}
${failSafeProblems(bus)}
${table(
  [`Unités de ${bus.bus}`, `Units of ${bus.bus}`],
  UNIT_COLUMNS.map((words, index) => header(words, index === 1 || index > 2)),
  rows,
)}
${busFacts(bus)}
${latencies(bus)}</section>`;
};

const READ_ONLY: Words = [
  'Lecture seule : cette passerelle n’écrit rien sur ses bus, quoi qu’on lui demande.',
  'Read only: this gateway writes nothing to its buses, whatever is asked.',
];

/** The page of a gateway for the technician who stands beside it. */
export const statusPage = (overview: GatewayOverview): string => {
  const { gateway, at, readOnly, buses } = overview;
  return markup`<!doctype html>
<html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Passerelle ${gateway}</title>
<link rel="stylesheet" href="/gateway/style.css"></head>
<body><main>
<h1>${both([`Passerelle ${gateway}`, `Gateway ${gateway}`])}</h1>
${readOnly ? markup`<p class="notice">${both(READ_ONLY)}</p>` : null}
${gatewayFacts(overview)}
${buses.map(busSection)}
<footer><p>${both([`Lu à ${hour(at)} UTC.`, `Read at ${hour(at)} UTC.`])}</p>
<p><a href="/gateway">${both(['Relire', 'Read again'])}</a></p>
<p><a href="/api/v1/gateway/health">JSON</a> <a href="/metrics">Prometheus</a>
<a href="/api/v1/gateway/trace?seconds=10">${both(['Écouter les bus 10 s', 'Listen to the buses for 10 s'])}</a></p></footer>
</main></body></html>
`.html;
};
