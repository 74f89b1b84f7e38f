import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Role } from '#domain/people/permission.ts';
import {
  dimPlace,
  type FakePlatform,
  forgetPlace,
  ROLES,
  readBlock,
  readCurve,
  readFlat,
  readMe,
  readPlace,
  readRefused,
  startFakePlatform,
  tokenOf,
} from './fake-routes.ts';

interface Trial {
  readonly route: Route;
  readonly mine: object;
  readonly theirs: object | null;
  readonly allowed: readonly Role[];
  readonly status: number;
}

const body = { levelPercent: 30, reason: 'works' };
const TRIALS: readonly Trial[] = [
  {
    route: readPlace,
    mine: { params: { site: 'site-mine' } },
    theirs: { params: { site: 'site-theirs' } },
    allowed: ['technician'],
    status: 200,
  },
  {
    route: dimPlace,
    mine: { params: { site: 'site-mine' }, body },
    theirs: { params: { site: 'site-theirs' }, body },
    allowed: ['technician'],
    status: 202,
  },
  {
    route: forgetPlace,
    mine: { params: { site: 'site-mine' } },
    theirs: { params: { site: 'site-theirs' } },
    allowed: ['technician'],
    status: 204,
  },
  {
    route: readBlock,
    mine: { params: { site: 'site-mine' } },
    theirs: { params: { site: 'site-theirs' } },
    allowed: ['landlord'],
    status: 200,
  },
  {
    route: readFlat,
    mine: { params: { dwelling: 'dwelling-mine' } },
    theirs: { params: { dwelling: 'dwelling-theirs' } },
    allowed: ['tenant'],
    status: 200,
  },
  {
    route: readCurve,
    mine: { query: { point: 'point-street' } },
    theirs: { query: { point: 'point-of-others' } },
    allowed: ['technician', 'landlord'],
    status: 200,
  },
  {
    route: readCurve,
    mine: { query: { point: 'point-flat' } },
    theirs: { query: { point: 'point-of-nobody' } },
    allowed: ['tenant'],
    status: 200,
  },
  { route: readRefused, mine: {}, theirs: null, allowed: ['admin'], status: 200 },
  { route: readMe, mine: {}, theirs: null, allowed: ROLES, status: 200 },
];

const NOTHING_HERE = { code: 'NOT_FOUND', what: 'There is nothing here for you.', next: 'Check the address.' };

describe.each(['in process', 'over the network'])('the API %s', (way) => {
  let platform: FakePlatform;
  let client: ApiClient;

  beforeAll(async () => {
    platform = await startFakePlatform();
    const { url } = await platform.server.listen();
    client = way === 'in process' ? platform.server.apiClient : createFetchApiClient({ baseUrl: url });
  });
  afterAll(() => platform.server.close());

  const call = (route: Route, role: Role | null, trial: object) =>
    client.call(route, role === null ? null : tokenOf(role), trial);

  it.each(TRIALS)(
    '$route.name gives its own to $allowed and the same 404 to everybody else',
    async ({ route, mine, theirs, allowed, status }) => {
      for (const role of ROLES) {
        const own = await call(route, role, mine);
        if (allowed.includes(role)) expect(own).toMatchObject({ ok: true, status });
        else expect(own).toEqual({ ok: false, status: 404, error: NOTHING_HERE });
        if (theirs !== null) expect(await call(route, role, theirs)).toEqual({ ok: false, status: 404, error: NOTHING_HERE });
      }
    },
  );

  it.each(TRIALS)('$route.name asks for a session first', async ({ route, mine }) => {
    expect(await call(route, null, mine)).toMatchObject({ ok: false, status: 401, error: { code: 'SIGN_IN_REQUIRED' } });
    const unknown = await client.call(route, 'token-of-nobody', mine);
    expect(unknown).toMatchObject({ ok: false, status: 401, error: { code: 'SIGN_IN_REQUIRED' } });
  });

  it('answers what the schema names and nothing else', async () => {
    const answer = await client.call(readPlace, tokenOf('technician'), { params: { site: 'site-mine' as never }, query: {} });
    expect(answer).toEqual({ ok: true, status: 200, body: { told: 'site-mine for technician' } });
  });

  it('names the field of a request that is wrong', async () => {
    const answer = await call(dimPlace, 'technician', {
      params: { site: 'site-mine' },
      body: { levelPercent: 130, reason: 'works' },
    });
    expect(answer).toMatchObject({ ok: false, status: 400, error: { code: 'REQUEST_INVALID', path: 'body.levelPercent' } });
    const query = await call(readPlace, 'technician', { params: { site: 'site-mine' }, query: { since: 'eleven chars' } });
    expect(query).toMatchObject({ ok: false, status: 400, error: { code: 'REQUEST_INVALID', path: 'query.since' } });
    const params = await call(readPlace, 'technician', { params: { site: 'Not An Identifier' } });
    expect(params).toMatchObject({ ok: false, status: 400, error: { code: 'REQUEST_INVALID', path: 'params.site' } });
  });

  it('says 404 to a stranger whatever body he sends', async () => {
    const answer = await call(dimPlace, 'landlord', { params: { site: 'site-mine' }, body: { levelPercent: 130 } });
    expect(answer).toEqual({ ok: false, status: 404, error: NOTHING_HERE });
  });
});
