import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type AnySchemaObject } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { ERRORS } from '#contract/errors.ts';
import { MESSAGES } from '#contract/messages/index.ts';
import { asyncApiDocument } from './documents/asyncapi.ts';
import { DOCUMENTS } from './documents/index.ts';
import { keptFiles, readText } from './tree.ts';

const require = createRequire(import.meta.url);
const officialSchema = (): AnySchemaObject =>
  JSON.parse(readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0.json'), 'utf8')) as AnySchemaObject;

/** Codes that an error page documents. */
const documentedCodes = (page: string): readonly string[] =>
  [...page.matchAll(/^## ([A-Z][A-Z0-9_]+)$/gm)].map(([, code]) => code ?? '');

const differences = (codes: readonly string[], documented: readonly string[]) => ({
  undocumented: codes.filter((code) => !documented.includes(code)),
  unknown: documented.filter((code) => !codes.includes(code)),
});

describe('generated documents', () => {
  test.each(Object.keys(DOCUMENTS))('%s says what the code says', (file) => {
    expect(readText(file)).toBe(DOCUMENTS[file]?.());
  });

  test('a generated document is in the list of what is made, and nothing else claims to be', () => {
    const claiming = keptFiles().filter(
      (file) => file.startsWith('docs/') && file.endsWith('.md') && readText(file).startsWith('<!-- Generated'),
    );
    expect(claiming.filter((file) => !(file in DOCUMENTS))).toEqual([]);
  });
});

describe('the AsyncAPI document', () => {
  const compile = () => {
    const ajv = new Ajv({ strict: false, meta: false, validateSchema: false });
    formats.default(ajv);
    return ajv.compile(officialSchema());
  };

  test('obeys the official AsyncAPI 3.0.0 schema', () => {
    const isValid = compile();
    const valid = isValid(asyncApiDocument());
    expect(isValid.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test('is refused by that schema when a channel loses its address’s type', () => {
    const document = structuredClone(asyncApiDocument()) as { channels: { status: { address: unknown } } };
    document.channels.status.address = 42;
    expect(compile()(document)).toBe(false);
  });

  test('every reference inside it leads somewhere', () => {
    const document = asyncApiDocument();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, target]) => target ?? '');
    const lost = references.filter((target) => {
      let place: unknown = document;
      for (const step of target.split('/')) place = (place as Record<string, unknown> | undefined)?.[step];
      return place === undefined;
    });
    expect(references.length).toBeGreaterThan(50);
    expect(lost).toEqual([]);
  });

  test.each(Object.entries(MESSAGES))(
    'the schema published for %s accepts its example and refuses an unknown field',
    (name, message) => {
      const { components } = asyncApiDocument() as { components: { schemas: Record<string, AnySchemaObject> } };
      const ajv = new Ajv({ strict: false });
      formats.default(ajv);
      const isValid = ajv.compile(components.schemas[name] ?? false);
      expect(isValid(message.example), ajv.errorsText(isValid.errors)).toBe(true);
      expect(isValid({ ...(message.example as object), stranger: 1 })).toBe(false);
    },
  );
});

describe('messages', () => {
  test.each(Object.entries(MESSAGES))('the example of %s is a valid message', (_name, message) => {
    expect(message.schema.safeParse(message.example).error).toBeUndefined();
  });

  test.each(Object.entries(MESSAGES))('%s with an unknown field is refused', (_name, message) => {
    expect(message.schema.safeParse({ ...(message.example as object), stranger: 1 }).success).toBe(false);
  });
});

describe('errors', () => {
  test('every code is in docs/errors.md, and every code there exists', () => {
    expect(differences(Object.keys(ERRORS), documentedCodes(readText('docs/errors.md')))).toEqual({
      undocumented: [],
      unknown: [],
    });
  });

  test('a code taken from the page, or added to it, is noticed', () => {
    const page = readText('docs/errors.md');
    const [first = ''] = documentedCodes(page);
    const changed = documentedCodes(`${page.replace(`## ${first}\n`, '')}\n## LAMP_ON_STRIKE\n`);
    expect(differences(Object.keys(ERRORS), changed)).toEqual({ undocumented: [first], unknown: ['LAMP_ON_STRIKE'] });
  });

  test.each(Object.entries(ERRORS))('%s says what happened and what to do next, in sentences', (_code, { what, next }) => {
    expect(what).toMatch(/^[A-Z{].*\.$/);
    expect(next).toMatch(/^[A-Z{].*\.$/);
  });
});
