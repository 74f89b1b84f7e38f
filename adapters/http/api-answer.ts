import { fault, reasonOf } from '#contract/errors.ts';
import type { ApiAnswer } from '#contract/ports/api-client.ts';
import { errorAnswer } from '#contract/routes/fields.ts';
import type { Route } from '#contract/routes/route.ts';

/**
 * What a server answered, read through the route's own schema.
 * Throws `SERVICE_UNREACHABLE` when the answer is not one of the contract: something else than the API answered.
 */
export const readApiAnswer = <R extends Route>(route: R, status: number, text: string, address: string): ApiAnswer<R> => {
  try {
    if (status >= 400) return { ok: false, status, error: errorAnswer.parse(JSON.parse(text)) };
    const body = route.answer.kind === 'json' ? route.answer.schema.parse(JSON.parse(text)) : undefined;
    return { ok: true, status, body } as ApiAnswer<R>;
  } catch (thrown) {
    const reason = `HTTP ${status}, not an answer of ${route.name} (${reasonOf(thrown)})`;
    throw fault('SERVICE_UNREACHABLE', { service: 'The API', address, reason }, thrown);
  }
};
