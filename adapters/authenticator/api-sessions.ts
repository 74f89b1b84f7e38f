import { createHash } from 'node:crypto';
import { fault } from '#contract/errors.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import { type AccountAnswer, readSession } from '#contract/routes/session.ts';
import { instant } from '#domain/civil-time.ts';
import { accountId } from '#domain/identifiers.ts';
import type { Hat, Principal } from '#domain/people/permission.ts';

/** The API has already left out a tenancy that has ended or not begun. */
const hatOf = (hat: AccountAnswer['hats'][number]): Hat => (hat.role === 'tenant' ? { ...hat, from: instant(0), to: null } : hat);

/**
 * Sessions asked of the API, for a portal that has no registry of its own: it decides what page to show, and the API
 * checks again what each page reads.
 */
export const createApiAuthenticator =
  (api: ApiClient) =>
  async (token: string): Promise<Principal | null> => {
    const answer = await api.call(readSession, token, {});
    if (answer.ok) {
      const { account, displayName, hats } = answer.body;
      const session = createHash('sha256').update(token).digest('hex').slice(0, 32);
      return { account: accountId(account), displayName, session, hats: hats.map(hatOf) };
    }
    if (answer.status === 401) return null;
    throw fault('SERVICE_UNREACHABLE', { service: 'The API', address: readSession.path, reason: answer.error.what });
  };
