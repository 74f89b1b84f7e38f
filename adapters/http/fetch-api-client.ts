import { fault, reasonOf } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import { changeEvent, followChanges } from '#contract/routes/platform.ts';
import { readApiAnswer } from './api-answer.ts';
import { readEvents } from './event-lines.ts';
import { requestAddress } from './request-address.ts';

export interface FetchApiClientOptions {
  /** Origin of the server that mounts `/api/v1`, such as `http://control:8081`. */
  readonly baseUrl: string;
}

/** `/api/v1` over the network. */
export const createFetchApiClient = ({ baseUrl }: FetchApiClientOptions): ApiClient => {
  const unreachable = (thrown: unknown) => {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
    return fault('SERVICE_UNREACHABLE', { service: 'The API', address: baseUrl, reason: reasonOf(cause) }, thrown);
  };

  return {
    call: async (route, token, call) => {
      const headers: Record<string, string> = { accept: 'application/json' };
      if (token !== null) headers['authorization'] = `Bearer ${token}`;
      if (call.body !== undefined) headers['content-type'] = 'application/json';
      const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
      const address = new URL(requestAddress(route, call.params, call.query), baseUrl);
      try {
        const response = await fetch(address, { method: route.method, headers, redirect: 'error', ...body });
        const text = await response.text();
        return readApiAnswer(route, response.status, text, baseUrl);
      } catch (thrown) {
        throw thrown instanceof TypeError ? unreachable(thrown) : thrown;
      }
    },

    async *follow(token, signal) {
      const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}` };
      try {
        const response = await fetch(new URL(followChanges.path, baseUrl), { headers, signal });
        if (response.status === 401) throw fault('SIGN_IN_REQUIRED');
        if (response.status !== 200 || response.body === null) throw new TypeError(`HTTP ${response.status}`);
        for await (const event of readEvents(response.body)) {
          if (event.name === 'message') yield changeEvent.parse(JSON.parse(event.data));
        }
      } catch (thrown) {
        if (signal.aborted) return;
        throw thrown instanceof TypeError ? unreachable(thrown) : thrown;
      }
    },
  };
};
