import type { FastifyInstance } from 'fastify';
import { fault } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import { changeEvent, followChanges } from '#contract/routes/platform.ts';
import { readApiAnswer } from '../api-answer.ts';
import { readEvents } from '../event-lines.ts';
import { requestAddress } from '../request-address.ts';
import { IN_PROCESS_ADDRESS } from './request-limits.ts';

/** `/api/v1` without a socket: the same server, hooks and checks, called in the same process. */
export const createInjectApiClient = (app: FastifyInstance): ApiClient => ({
  call: async (route, token, call) => {
    const response = await app.inject({
      method: route.method,
      url: requestAddress(route, call.params, call.query),
      remoteAddress: IN_PROCESS_ADDRESS,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      ...(call.body === undefined ? {} : { payload: call.body as object }),
    });
    return readApiAnswer(route, response.statusCode, response.body, IN_PROCESS_ADDRESS);
  },

  async *follow(token, signal) {
    const response = await app.inject({
      method: 'GET',
      url: followChanges.path,
      remoteAddress: IN_PROCESS_ADDRESS,
      headers: { authorization: `Bearer ${token}` },
      payloadAsStream: true,
      signal,
    });
    if (response.statusCode === 401) throw fault('SIGN_IN_REQUIRED');
    if (response.statusCode !== 200) {
      const reason = `HTTP ${response.statusCode}`;
      throw fault('SERVICE_UNREACHABLE', { service: 'The API', address: IN_PROCESS_ADDRESS, reason });
    }
    try {
      for await (const event of readEvents(response.stream())) {
        if (event.name === 'message') yield changeEvent.parse(JSON.parse(event.data));
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  },
});
