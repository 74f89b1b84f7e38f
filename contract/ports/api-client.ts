import type { z } from 'zod';
import type { ErrorAnswer } from '#contract/routes/fields.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import type { Route } from '#contract/routes/route.ts';

type Input<S> = S extends z.ZodType ? z.input<S> : undefined;
type Output<R extends Route> = R['answer'] extends { kind: 'json'; schema: infer S extends z.ZodType } ? z.output<S> : undefined;

export interface ApiCall<R extends Route> {
  readonly params?: Input<R['params']>;
  readonly query?: Input<R['query']>;
  readonly body?: Input<R['body']>;
}

export type ApiAnswer<R extends Route> =
  | { readonly ok: true; readonly status: number; readonly body: Output<R> }
  | { readonly ok: false; readonly status: number; readonly error: ErrorAnswer };

/** `/api/v1` as any client sees it: the portal has no other way in, so its pages pass the same permission check. */
export interface ApiClient {
  /** `token` is the bearer token of the person's session, null without one. Rejects with `SERVICE_UNREACHABLE`. */
  call<R extends Route>(route: R, token: string | null, call: ApiCall<R>): Promise<ApiAnswer<R>>;
  /**
   * The event stream of `followChanges`: ends when the session is revoked, rejects with `SIGN_IN_REQUIRED` without one
   * and with `SERVICE_UNREACHABLE` when the link is lost.
   */
  follow(token: string, signal: AbortSignal): AsyncIterable<ChangeEvent>;
}
