import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../tree.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { errorsPage, quantitiesPage, topicsPage } from './tables.ts';

/** Documents made from code, and how. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/asyncapi.json': () => `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  'docs/errors.md': errorsPage,
  'docs/topics.md': topicsPage,
  'docs/quantities.md': quantitiesPage,
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
