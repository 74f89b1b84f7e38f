import { requestAddress } from '#adapters/http/request-address.ts';
import { HOME_COOKIE, STAFF_COOKIE } from '#contract/routes/pages.ts';
import type { Route } from '#contract/routes/route.ts';

/** What somebody tries on a route. */
export interface Knock {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON for the API, a form for a page. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Heard {
  readonly status: number;
  readonly contentType: string;
  readonly location: string | null;
  readonly setsCookie: boolean;
  readonly body: string;
}

interface Knocking extends Knock {
  readonly token: string | null;
  /** Where a page's form says it comes from. */
  readonly origin?: string;
  /** Carries the session as a page would, even to the API. */
  readonly byCookie?: boolean;
}

const isApi = ({ path }: Route): boolean => path.startsWith('/api/');

const headersOf = (route: Route, { token, origin, byCookie, body }: Knocking): Record<string, string> => ({
  // The same token in both places: no page may take a session of the other door.
  ...(token === null
    ? {}
    : isApi(route) && byCookie !== true
      ? { authorization: `Bearer ${token}` }
      : { cookie: `${STAFF_COOKIE}=${token}; ${HOME_COOKIE}=${token}` }),
  ...(origin === undefined ? {} : { origin }),
  ...(body === undefined ? {} : { 'content-type': isApi(route) ? 'application/json' : 'application/x-www-form-urlencoded' }),
});

const bodyOf = (route: Route, body: Knock['body']): { readonly body?: string } => {
  if (body === undefined) return {};
  if (isApi(route)) return { body: JSON.stringify(body) };
  return { body: new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)])).toString() };
};

const textOf = async (route: Route, response: Response, stop: AbortController): Promise<string> => {
  if (route.answer.kind !== 'events' || response.status !== 200 || response.body === null) return response.text();
  // A stream never ends by itself: what it says first is enough.
  const reader = response.body.getReader();
  const { value } = await reader.read();
  stop.abort();
  return new TextDecoder().decode(value);
};

/** One request as any programme could make it, and all that came back. */
export const knockAt = async (portal: string, route: Route, knocking: Knocking): Promise<Heard> => {
  const origin = route.method === 'GET' || isApi(route) ? {} : { origin: knocking.origin ?? portal };
  const stop = new AbortController();
  const address = requestAddress(route, knocking.params ?? {}, knocking.query ?? {});
  const response = await fetch(new URL(address, portal), {
    method: route.method,
    headers: headersOf(route, { ...knocking, ...origin }),
    redirect: 'manual',
    signal: stop.signal,
    ...bodyOf(route, knocking.body),
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    location: response.headers.get('location'),
    setsCookie: response.headers.getSetCookie().some((cookie) => /^axone_(session|home)=[^;]/.test(cookie)),
    body: await textOf(route, response, stop),
  };
};
