import { type Fault, fault } from '#contract/errors.ts';
import { DOCUMENT_LIMIT_BYTES, documentHash, documentSchemas, type ProgramsDocument } from '#contract/messages/documents.ts';
import type { DocumentName } from '#contract/topics.ts';
import { timeZone } from '#domain/civil-time.ts';
import type { OverrideTarget } from '#domain/lighting/override.ts';

export type DesiredDocument<N extends DocumentName> = ReturnType<(typeof documentSchemas)[N]['parse']>;

const invalid = (document: DocumentName, revision: number | string, path: string, problem: string): Fault =>
  fault('DOCUMENT_INVALID', { document, revision, path, problem });

const revisionIn = (content: unknown): number | null => {
  const revision = typeof content === 'object' && content !== null && 'revision' in content ? content.revision : null;
  return typeof revision === 'number' && Number.isSafeInteger(revision) && revision >= 0 ? revision : null;
};

/** What a schema cannot see: names that nothing bears, and rows out of order. */
const checkReferences = ({
  revision,
  programs,
  calendars = [],
  assignments,
  safetyFloors = [],
  ...document
}: ProgramsDocument): void => {
  const { groups, lightPoints } = document;
  const refuse = (path: string, problem: string): Fault => invalid('programs', revision, path, problem);
  const checkProgram = (id: string | undefined, path: string): void => {
    if (id !== undefined && !programs.some((program) => program.id === id)) throw refuse(path, `there is no program ${id}`);
  };
  const checkTarget = (target: OverrideTarget, path: string): void => {
    if (target.kind === 'group' && !groups.some(({ id }) => id === target.group))
      throw refuse(path, `there is no group ${target.group}`);
  };
  for (const [index, { program, calendar, target }] of assignments.entries()) {
    checkProgram(program, `assignments.${index}.program`);
    if (calendar !== undefined && !calendars.some(({ id }) => id === calendar))
      throw refuse(`assignments.${index}.calendar`, `there is no calendar ${calendar}`);
    checkTarget(target, `assignments.${index}.target`);
  }
  for (const [index, { rules, defaultProgram }] of calendars.entries()) {
    for (const [rank, { program }] of rules.entries()) checkProgram(program, `calendars.${index}.rules.${rank}.program`);
    checkProgram(defaultProgram, `calendars.${index}.defaultProgram`);
  }
  for (const [index, { target }] of safetyFloors.entries()) checkTarget(target, `safetyFloors.${index}.target`);
  for (const [index, { powerTable }] of lightPoints.entries())
    if (powerTable.some((row, at) => at > 0 && row.levelPercent <= (powerTable[at - 1]?.levelPercent ?? 0)))
      throw refuse(`lightPoints.${index}.powerTable`, 'levels must ascend');
};

const checkZone = (name: DocumentName, revision: number, content: object): void => {
  if (!('timeZone' in content) || typeof content.timeZone !== 'string') return;
  try {
    timeZone(content.timeZone);
  } catch (thrown) {
    throw fault(
      'DOCUMENT_INVALID',
      { document: name, revision, path: 'timeZone', problem: `${content.timeZone} is not a zone` },
      thrown,
    );
  }
};

const parseText = (name: DocumentName, payload: Uint8Array): unknown => {
  if (payload.length > DOCUMENT_LIMIT_BYTES)
    throw fault('DOCUMENT_TOO_LARGE', { document: name, bytes: payload.length, limit: DOCUMENT_LIMIT_BYTES });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (thrown) {
    throw fault('DOCUMENT_INVALID', { document: name, revision: 'unknown', path: '$', problem: 'not JSON in UTF-8' }, thrown);
  }
};

/** Validates a document of desired state: size, JSON, schema, references, hash. Throws a fault whose fields name the revision. */
export const checkDocument = <N extends DocumentName>(name: N, payload: Uint8Array): DesiredDocument<N> => {
  const content = parseText(name, payload);
  const revision = revisionIn(content);
  const parsed = documentSchemas[name].safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(name, revision ?? 'unknown', issue?.path.map(String).join('.') || '$', issue?.message ?? 'not valid');
  }
  const document = parsed.data as DesiredDocument<N> & { readonly revision: number; readonly hash: string };
  if (documentHash(content as object) !== document.hash)
    throw fault('DOCUMENT_HASH_DIFFERS', { document: name, revision: document.revision });
  checkZone(name, document.revision, document);
  if (name === 'programs') checkReferences(document as unknown as ProgramsDocument);
  return document;
};

/** The revision that a fault names, or null when the document had none. */
export const revisionOf = (thrown: Fault): number | null => {
  const { revision } = thrown.fields;
  return typeof revision === 'number' ? revision : null;
};
