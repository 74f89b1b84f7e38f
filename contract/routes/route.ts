import type { z } from 'zod';
import type { Permission, Principal } from '#domain/people/permission.ts';

/** Where the resource that a permission is about comes from. */
export type ResourceSource =
  | { readonly kind: 'site'; readonly param: string }
  | { readonly kind: 'dwelling'; readonly param: string }
  /** A measurement point, resolved through the registry to its site or, for a dwelling's point, its dwelling. */
  | { readonly kind: 'point'; readonly query: string }
  | { readonly kind: 'platform' };

export type Access =
  /** Anyone, without a session. */
  | { readonly kind: 'public' }
  /** A one-time claim in the body is the credential, and its handler spends it. */
  | { readonly kind: 'claim' }
  /** Any session; the answer holds only what its owner may see. */
  | { readonly kind: 'session' }
  /** Any of the permissions, each on the resource; else the same 404 as a resource that does not exist. */
  | { readonly kind: 'permission'; readonly anyOf: readonly [Permission, ...Permission[]]; readonly on: ResourceSource };

export type Answer =
  | { readonly kind: 'json'; readonly schema: z.ZodType; readonly status?: 200 | 201 | 202 }
  | { readonly kind: 'empty' }
  /** HTML written by the server. */
  | { readonly kind: 'page' }
  /** Server-sent events, one JSON document each. */
  | { readonly kind: 'events'; readonly schema: z.ZodType }
  /** A file of lines, sent as it is made. */
  | { readonly kind: 'lines' };

/** An HTTP route as data. A route without its access cannot be written, and the list of routes is what the fuzz tests walk. */
export interface Route {
  /** Unique, also the OpenAPI operation id. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: Answer;
  /** Requests a minute and client address; the server's own default when absent. */
  readonly requestsPerMinute?: number;
}

/** Whether a request must come with a session. */
export const needsSession = ({ access }: Route): boolean => access.kind !== 'public' && access.kind !== 'claim';

export const defineRoute = <const R extends Route>(route: R): R => route;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type AnswerOf<A extends Answer> = A extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.input<S>
  : A extends { kind: 'events'; schema: infer S extends z.ZodType }
    ? AsyncIterable<z.input<S>>
    : A extends { kind: 'page' }
      ? PageAnswer
      : A extends { kind: 'lines' }
        ? LinesAnswer
        : undefined;

export interface RouteRequest<R extends Route> {
  readonly params: Parsed<R['params']>;
  readonly query: Parsed<R['query']>;
  readonly body: Parsed<R['body']>;
  /** Null only where no session is needed. */
  readonly principal: R['access'] extends { kind: 'public' | 'claim' } ? Principal | null : Principal;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Client address, for rate limits and the audit of sign-ins. */
  readonly clientAddress: string;
  /** Cookies as received; pages keep the session and the language in them. */
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** `Accept-Language` is never used: the language is the reader's own choice. */
  readonly path: string;
}

export type RouteHandler<R extends Route> = (request: RouteRequest<R>) => Promise<AnswerOf<R['answer']>>;

export interface CookieChange {
  readonly name: string;
  /** Null erases it. */
  readonly value: string | null;
  readonly path: string;
  readonly maxAgeSeconds?: number;
}

export interface LinesAnswer {
  readonly contentType: string;
  readonly fileName: string;
  /** Chunks of whole lines. A failure after the first one cuts the connection: a file is never complete by mistake. */
  readonly lines: AsyncIterable<string>;
}

export type PageAnswer =
  | { readonly kind: 'html'; readonly status: number; readonly html: string; readonly cookies?: readonly CookieChange[] }
  | { readonly kind: 'redirect'; readonly to: string; readonly cookies?: readonly CookieChange[] }
  | { readonly kind: 'asset'; readonly contentType: string; readonly bytes: Uint8Array; readonly immutable: boolean };

/** A route with its handler, ready for a server. */
export interface MountedRoute {
  readonly route: Route;
  readonly handler: (request: never) => Promise<unknown>;
}

export const mount = <R extends Route>(route: R, handler: RouteHandler<R>): MountedRoute => ({
  route,
  handler,
});
