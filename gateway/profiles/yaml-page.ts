import { type Document, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Fault, fault } from '#contract/errors.ts';

export interface YamlPage<T> {
  readonly content: T;
  /** Line, from 1, of what stands at a path, or of its nearest holder. */
  lineOf(path: readonly PropertyKey[]): number;
}

export interface YamlPageOptions<T> {
  readonly text: string;
  /** As the reader of an error knows it. */
  readonly file: string;
  readonly schema: z.ZodType<T>;
  readonly code: 'CONFIG_INVALID' | 'PROFILE_INVALID';
  /** Where the rules are written, for the next gesture. */
  readonly expected: string;
}

export const pathText = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'the page' : path.map(String).join('.'));

const offsetOf = (page: Document, path: readonly PropertyKey[]): number | undefined => {
  const holder = path.length === 0 ? page.contents : page.getIn(path.slice(0, -1), true);
  if (path.length > 0 && isMap(holder)) {
    const pair = holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0];
  }
  const node = page.getIn(path, true);
  return typeof node === 'object' && node !== null && 'range' in node
    ? (node.range as [number] | null | undefined)?.[0]
    : undefined;
};

const lineFinder =
  (page: Document, lines: LineCounter) =>
  (path: readonly PropertyKey[]): number => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const offset = offsetOf(page, path.slice(0, depth));
      if (offset !== undefined) return lines.linePos(offset).line;
    }
    return 1;
  };

const placeOf = (issue: z.core.$ZodIssue): readonly PropertyKey[] =>
  issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;

type Examined<T> = { readonly page: YamlPage<T> } | { readonly problems: readonly Fault[] };

const examine = <T>({ text, file, schema, code, expected }: YamlPageOptions<T>): Examined<T> => {
  const lines = new LineCounter();
  const page = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const lineOf = lineFinder(page, lines);
  if (page.errors.length > 0)
    return {
      problems: page.errors.map((syntax) =>
        fault(
          code,
          { file, line: lines.linePos(syntax.pos[0]).line, path: 'the page', problem: syntax.message, expected },
          syntax,
        ),
      ),
    };
  const parsed = schema.safeParse(page.toJS());
  if (parsed.success) return { page: { content: parsed.data, lineOf } };
  return {
    problems: parsed.error.issues.map((issue) => {
      const path = placeOf(issue);
      return fault(code, { file, line: lineOf(path), path: pathText(path), problem: issue.message, expected }, parsed.error);
    }),
  };
};

/** All that is wrong with a YAML page, in the order found; nothing when it may be read. */
export const problemsOfYamlPage = <T>(options: YamlPageOptions<T>): readonly Fault[] => {
  const examined = examine(options);
  return 'problems' in examined ? examined.problems : [];
};

/** Reads a YAML page against a schema. Throws the first fault, with file, line, path, problem and what was expected. */
export const readYamlPage = <T>(options: YamlPageOptions<T>): YamlPage<T> => {
  const examined = examine(options);
  if ('page' in examined) return examined.page;
  throw examined.problems[0] ?? new Error(`${options.file} was refused without a problem`);
};
