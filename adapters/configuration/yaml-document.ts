import { isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { fault } from '#contract/errors.ts';

type Path = readonly PropertyKey[];

const writePath = (path: Path): string =>
  path.reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : `${text}.${String(step)}`), '$');

/** The deepest node that exists on the path; for a key of a map, the key itself. */
const nodeAt = (root: Node | null, path: Path): Node | null => {
  let found = root;
  let value: unknown = root;
  for (const step of path) {
    if (isMap(value)) {
      const pair = value.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (!isPair(pair)) return found;
      if (isNode(pair.key)) found = pair.key;
      value = pair.value;
    } else {
      value = isNode(value) && 'get' in value ? (value as { get(key: unknown, keep: true): unknown }).get(step, true) : undefined;
      if (!isNode(value)) return found;
      found = value;
    }
  }
  return found;
};

/** An unknown key is reported by zod at its map: the line wanted is the key's. */
const pathOf = (issue: z.core.$ZodIssue): Path =>
  issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;

const expectedOf = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected: ${issue.expected}`;
    case 'invalid_value':
      return `expected one of: ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return 'remove it, or check its spelling';
    default:
      return 'then start again';
  }
};

/**
 * Reads a YAML 1.2 text against a schema. Throws `CONFIG_INVALID` with the line (from 1) and the path of the first
 * mistake; a key written twice is a mistake.
 */
export const parseYamlDocument = <S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const line = lines.linePos(mistake.pos[0]).line;
    throw fault('CONFIG_INVALID', { file, line, path: '$', problem: mistake.message, expected: 'expected: YAML 1.2' });
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw parsed.error;
  const path = pathOf(issue);
  const node = nodeAt(document.contents, path);
  const line = lines.linePos(node?.range?.[0] ?? 0).line;
  throw fault('CONFIG_INVALID', { file, line, path: writePath(path), problem: issue.message, expected: expectedOf(issue) });
};
