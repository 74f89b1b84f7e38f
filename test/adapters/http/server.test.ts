import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHttpServer } from '#adapters/http/fastify/create-http-server.ts';
import { createPlatformRoutes } from '#adapters/http/fastify/platform-routes.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { buildOpenApi } from '#adapters/http/openapi.ts';
import type { ServiceHealth } from '#contract/ports/lifecycle.ts';
import { apiRoutes } from '#contract/routes/index.ts';
import { mount } from '#contract/routes/route.ts';
import { type FakePlatform, readBroken, readMe, startFakePlatform, tokenOf } from './fake-routes.ts';

const started: FakePlatform[] = [];
const start = async (options: Parameters<typeof startFakePlatform>[1] = {}) => {
  const platform = await startFakePlatform(undefined, options);
  started.push(platform);
  const { url, port } = await platform.server.listen();
  return { ...platform, url, port };
};
afterEach(async () => {
  for (const platform of started.splice(0)) await platform.server.close();
});

const cookie = (role: 'technician' | 'landlord') => ({ cookie: `axone_session=${tokenOf(role)}` });
const bearer = { authorization: `Bearer ${tokenOf('technician')}` };

describe('a page', () => {
  it('sends a reader without a session to the right door', async () => {
    const { url } = await start();
    const street = await fetch(`${url}/eclairage/site-mine`, { redirect: 'manual' });
    expect([street.status, street.headers.get('location')]).toEqual([303, '/connexion']);
    const home = await fetch(`${url}/chez-moi`, { redirect: 'manual' });
    expect([home.status, home.headers.get('location')]).toEqual([303, '/chez-moi/entrer']);
  });

  it('takes the cookie of its own side only', async () => {
    const { url } = await start();
    const street = await fetch(`${url}/eclairage/site-mine`, { headers: cookie('technician') });
    expect(await street.text()).toBe('<p>site-mine for technician</p>');
    const home = await fetch(`${url}/chez-moi`, { headers: { cookie: `axone_home=${tokenOf('tenant')}` } });
    expect(await home.text()).toBe('<p>home of tenant</p>');
    const staffAtHome = await fetch(`${url}/chez-moi`, { headers: cookie('technician'), redirect: 'manual' });
    expect(staffAtHome.status).toBe(303);
  });

  it('shows the same 404 page for what is denied and what does not exist, in the reader’s language', async () => {
    const { url } = await start();
    const denied = await fetch(`${url}/eclairage/site-mine`, { headers: cookie('landlord') });
    const absent = await fetch(`${url}/nowhere`, { headers: { cookie: 'axone_language=en' } });
    expect([denied.status, await denied.text()]).toEqual([404, '<h1 lang="fr">NOT_FOUND</h1>']);
    expect([absent.status, await absent.text()]).toEqual([404, '<h1 lang="en">NOT_FOUND</h1>']);
  });

  it('sets cookies that no script reads and, behind https, that no plain link carries', async () => {
    const plain = await start();
    const sent = await fetch(`${plain.url}/connexion`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'a@b' }),
      redirect: 'manual',
    });
    expect(sent.headers.get('set-cookie')).toBe('axone_session=token-technician; Max-Age=60; Path=/; HttpOnly; SameSite=Lax');
    const secure = await start({ trustedOrigin: 'https://axone.example' });
    const headers = { origin: 'https://axone.example' };
    const over = await fetch(`${secure.url}/connexion`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ email: 'a@b' }),
      redirect: 'manual',
    });
    expect(over.headers.get('set-cookie')).toContain('; Secure');
  });

  it('runs under a policy without inline script, and nobody keeps its answer', async () => {
    const { url } = await start();
    const { headers } = await fetch(`${url}/eclairage/site-mine`, { headers: cookie('technician') });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('same-origin');
  });
});

describe('a form that dims a street', () => {
  const post = (url: string, headers: Record<string, string>) =>
    fetch(`${url}/eclairage/site-mine`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ level: '30' }),
      redirect: 'manual',
    });

  it.each([
    ['another site', { origin: 'https://forger.example' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a client that names no origin', {}],
  ])('is refused when it comes from %s', async (_from, headers) => {
    const { url } = await start();
    const answer = await post(url, { ...cookie('technician'), ...headers });
    expect([answer.status, await answer.text()]).toEqual([403, '<h1 lang="fr">FORGED_ORIGIN</h1>']);
  });

  it('is obeyed when it comes from the platform’s own page', async () => {
    const { url } = await start();
    const answer = await post(url, { ...cookie('technician'), origin: url, 'sec-fetch-site': 'same-origin' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/eclairage/dimmed-30']);
  });

  it('is nothing to a role that may not dim', async () => {
    const { url } = await start();
    expect((await post(url, { ...cookie('landlord'), origin: url })).status).toBe(404);
  });
});

describe('the API', () => {
  it('takes no cookie', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/api/v1/me`, { headers: cookie('technician') })).status).toBe(401);
    expect((await fetch(`${url}/api/v1/me`, { headers: bearer })).status).toBe(200);
  });

  it('refuses what is not JSON, what is too long and what is broken, each with its code', async () => {
    const { url } = await start();
    const send = async (type: string, body: string) => {
      const answer = await fetch(`${url}/api/v1/sites/site-mine/place`, {
        method: 'POST',
        headers: { ...bearer, 'content-type': type },
        body,
      });
      return [answer.status, ((await answer.json()) as { code: string }).code];
    };
    expect(await send('application/x-www-form-urlencoded', 'levelPercent=30')).toEqual([415, 'MEDIA_TYPE_UNKNOWN']);
    expect(await send('text/plain', '{}')).toEqual([415, 'MEDIA_TYPE_UNKNOWN']);
    expect(await send('application/json', '{"levelPercent":')).toEqual([400, 'REQUEST_INVALID']);
    expect(await send('application/json', JSON.stringify({ reason: 'x'.repeat(70_000) }))).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('never leaks an answer that is not its schema’s: a reference, and the reason in the log', async () => {
    const { server, lines } = await start();
    const answer = await server.apiClient.call(readBroken, null, {});
    expect(answer).toMatchObject({ ok: false, status: 500, error: { code: 'INTERNAL' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    const line = lines.find(({ event }) => event === 'request-failed');
    expect(line?.fields['reason']).toContain('readBroken');
    expect(JSON.stringify(answer)).toContain(String(line?.fields['reference']));
  });

  it('slows a client that asks too often, and says for how long', async () => {
    const { url } = await start();
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await fetch(`${url}/time`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    const slowed = await fetch(`${url}/time`);
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('says which port is taken', async () => {
    const { port } = await start();
    const second = await startFakePlatform(undefined, { port });
    started.push(second);
    await expect(second.server.listen()).rejects.toMatchObject({ code: 'PORT_IN_USE', fields: { port } });
  });

  it('stops at once while a browser holds a connection that it opened ahead and asked nothing on', async () => {
    const { server, port } = await start();
    const ahead = connect(port, '127.0.0.1');
    const left = once(ahead, 'close');
    await once(ahead, 'connect');
    const stoppedFrom = performance.now();
    await server.close();
    await left;
    expect(performance.now() - stoppedFrom).toBeLessThan(5_000);
  });

  it('is unreachable, not broken, once its server is closed', async () => {
    const { server, url } = await start();
    const client = createFetchApiClient({ baseUrl: url });
    await server.close();
    await expect(client.call(readMe, null, {})).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
  });

  it('passes a prefix on to another service with the bearer token and without the cookies', async () => {
    const behind = await start();
    const front = await createHttpServer({
      host: '127.0.0.1',
      port: 0,
      routes: [],
      authenticate: async () => null,
      resolvePoint: async () => null,
      clock: behind.clock,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      version: '0.1.0',
      proxies: [{ prefix: '/api/v1', upstream: behind.url }],
    });
    const { url } = await front.listen();
    expect(await (await fetch(`${url}/api/v1/me`, { headers: bearer })).json()).toEqual({ told: 'session for technician' });
    expect((await fetch(`${url}/api/v1/me`, { headers: cookie('technician') })).status).toBe(401);
    await behind.server.close();
    expect((await fetch(`${url}/api/v1/me`, { headers: bearer })).status).toBe(503);
    await front.close();
  });
});

describe('a route without an access', () => {
  it('cannot be mounted', async () => {
    const answer = { kind: 'json', schema: z.object({}) } as const;
    const open = { name: 'open', method: 'GET', path: '/api/v1/open', summary: 'Open', answer };
    await expect(start({ routes: [mount(open as never, async () => ({}) as never)] })).rejects.toThrow(
      'does not say who may use it',
    );
    const empty = { ...open, access: { kind: 'permission', anyOf: [], on: { kind: 'platform' } } };
    await expect(start({ routes: [mount(empty as never, async () => ({}) as never)] })).rejects.toThrow(
      'does not say who may use it',
    );
    const lost = { ...open, access: { kind: 'permission', anyOf: ['lighting.read'], on: { kind: 'site', param: 'site' } } };
    await expect(start({ routes: [mount(lost as never, async () => ({}) as never)] })).rejects.toThrow('no parameter :site');
  });
});

describe('the platform routes', () => {
  it('tell that the process lives, and 503 until every service is ready', async () => {
    let state: ServiceHealth['state'] = 'starting';
    const services = [{ name: 'ingest', health: () => ({ state, figures: { readings: 3 } }) }];
    const { url } = await start({ routes: createPlatformRoutes({ services, version: '0.1.0' }) });
    expect(await (await fetch(`${url}/health`)).json()).toEqual({
      alive: true,
      version: '0.1.0',
      services: [{ name: 'ingest', state: 'starting', figures: { readings: 3 } }],
    });
    const waiting = await fetch(`${url}/ready`);
    expect([waiting.status, ((await waiting.json()) as { what: string }).what]).toEqual([503, 'Not ready yet: ingest.']);
    state = 'ready';
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  });

  it('describe the interface as OpenAPI 3.1, one operation for each route', async () => {
    const { url } = await start({ routes: createPlatformRoutes({ services: [], version: '0.1.0' }) });
    const served = (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(served).toEqual(JSON.parse(JSON.stringify(buildOpenApi(apiRoutes, '0.1.0'))));
    const operations = Object.values(served.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
    expect(operations.toSorted()).toEqual(apiRoutes.map(({ name }) => name).toSorted());
    expect(served.paths['/api/v1/sites/{site}/street']?.['get']).toMatchObject({
      parameters: [{ name: 'site', in: 'path', required: true }],
      security: [{ session: [] }],
    });
  });
});
