import type { Route } from '#contract/routes/route.ts';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const textOf = (value: unknown): string => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError('A value of an address is text, a number or a boolean');
};

/** Names of the `:name` parameters of a route's path. */
export const parameterNames = (path: string): readonly string[] =>
  [...path.matchAll(/:([A-Za-z]\w*)/g)].map((match) => match[1] ?? '');

/** Path and query of a request, each value percent-encoded; an absent or undefined query value is left out. */
export const requestAddress = (route: Route, params: unknown, query: unknown): string => {
  const values = fieldsOf(params);
  const path = route.path.replaceAll(/:([A-Za-z]\w*)/g, (_whole, name: string) => encodeURIComponent(textOf(values[name])));
  const search = new URLSearchParams(
    Object.entries(fieldsOf(query)).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, textOf(value)]],
    ),
  ).toString();
  return search === '' ? path : `${path}?${search}`;
};
