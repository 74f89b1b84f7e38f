import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildOpenApi } from '#adapters/http/openapi.ts';
import { apiRoutes } from '#contract/routes/index.ts';
import { grafanaDocuments } from '#dashboards/grafana/generate.ts';
import { ROOT, readText } from '../tree.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { composeGateway } from './compose-gateways.ts';
import { profilesPage } from './profiles.ts';
import { errorsPage, quantitiesPage, topicsPage } from './tables.ts';

const version = (): string => (JSON.parse(readText('package.json')) as { version: string }).version;
const json = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

/** Documents made from code, and how. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/asyncapi.json': () => json(asyncApiDocument()),
  'docs/openapi.json': () => json(buildOpenApi(apiRoutes, version())),
  'docs/errors.md': errorsPage,
  'docs/topics.md': topicsPage,
  'docs/quantities.md': quantitiesPage,
  'docs/profiles.md': profilesPage,
  'deploy/compose/gateway-republique.yaml': () => composeGateway('gateway-republique', 5020),
  'deploy/compose/gateway-tilleuls.yaml': () => composeGateway('gateway-tilleuls', 5021),
  ...Object.fromEntries(grafanaDocuments().map((document) => [document.path, () => document.json])),
};

/** Documents that no longer say what the code says. */
export const staleDocuments = (): readonly string[] =>
  Object.entries(DOCUMENTS).flatMap(([file, build]) => {
    const absolute = path.join(ROOT, file);
    return existsSync(absolute) && readFileSync(absolute, 'utf8') === build() ? [] : [file];
  });

export const writeDocuments = (): void => {
  for (const file of staleDocuments()) writeFileSync(path.join(ROOT, file), DOCUMENTS[file]?.() ?? '');
};
