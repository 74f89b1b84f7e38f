import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createInProcessChangeFeed } from '#adapters/changes/in-process.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import type { ApiClient } from '#contract/ports/api-client.ts';
import type { ChangeEvent } from '#contract/routes/platform.ts';
import { type FakePlatform, startFakePlatform, tokenOf } from './fake-routes.ts';

/** A source that a test feeds, and that ends only when nobody listens any more. */
const createSource = () => {
  const waiting: ((event: { changed: 'street'; id: string }) => void)[] = [];
  const ready: { changed: 'street'; id: string }[] = [];
  return {
    tell: (id: string) => {
      const event = { changed: 'street' as const, id };
      const listener = waiting.shift();
      if (listener === undefined) ready.push(event);
      else listener(event);
    },
    async *events() {
      for (;;) yield ready.shift() ?? (await new Promise<{ changed: 'street'; id: string }>((resolve) => waiting.push(resolve)));
    },
  };
};

let platform: FakePlatform | undefined;
afterEach(() => platform?.server.close());

const start = async () => {
  const source = createSource();
  const changes = createInProcessChangeFeed();
  platform = await startFakePlatform(source.events, { changes });
  const { url } = await platform.server.listen();
  return { ...platform, source, changes, url };
};

const collect = (client: ApiClient, role: 'technician', signal: AbortSignal) => {
  const got: ChangeEvent[] = [];
  const arrivals = new EventTarget();
  const end = (async () => {
    for await (const event of client.follow(tokenOf(role), signal)) {
      got.push(event);
      arrivals.dispatchEvent(new Event('arrival'));
    }
  })();
  const until = async (count: number): Promise<void> => {
    while (got.length < count) await once(arrivals, 'arrival');
  };
  return { got, end, until };
};

describe.each(['in process', 'over the network'])('the stream of changes %s', (way) => {
  const clientOf = (started: Awaited<ReturnType<typeof start>>): ApiClient =>
    way === 'in process' ? started.server.apiClient : createFetchApiClient({ baseUrl: started.url });

  it('tells what changed, and ends when the reader leaves', async () => {
    const started = await start();
    const reader = new AbortController();
    const stream = collect(clientOf(started), 'technician', reader.signal);
    started.source.tell('site-mine');
    await stream.until(1);
    started.source.tell('site-mine-2');
    await stream.until(2);
    expect(stream.got.map(({ id }) => id)).toEqual(['site-mine', 'site-mine-2']);
    reader.abort();
    await stream.end;
  });

  it('ends at once when the session is revoked here', async () => {
    const started = await start();
    const stream = collect(clientOf(started), 'technician', new AbortController().signal);
    started.source.tell('site-mine');
    await stream.until(1);
    started.changes.tell({ changed: 'session', id: 'session-landlord' });
    started.source.tell('site-mine-2');
    await stream.until(2);
    started.changes.tell({ changed: 'session', id: 'session-technician' });
    await stream.end;
  });

  it('ends within one heartbeat when another service revoked the session', async () => {
    const started = await start();
    const stream = collect(clientOf(started), 'technician', new AbortController().signal);
    started.source.tell('site-mine');
    await stream.until(1);
    await started.clock.advance(25_000);
    started.source.tell('site-mine-2');
    await stream.until(2);
    started.revoke('technician');
    await started.clock.advance(25_000);
    await stream.end;
  });

  it('ends when the server stops', async () => {
    const started = await start();
    const stream = collect(clientOf(started), 'technician', new AbortController().signal);
    started.source.tell('site-mine');
    await stream.until(1);
    await started.server.close();
    await stream.end;
  });

  it('is not given without a session', async () => {
    const started = await start();
    const reading = collect(clientOf(started), 'technician', new AbortController().signal);
    started.source.tell('x');
    await reading.until(1);
    const stranger = clientOf(started).follow('token-of-nobody', new AbortController().signal);
    await expect(stranger[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SIGN_IN_REQUIRED' });
  });
});

it('a page’s own stream takes its cookie, beats, and passes no proxy’s buffer', async () => {
  const started = await start();
  const headers = { cookie: `axone_session=${tokenOf('technician')}` };
  expect((await fetch(`${started.url}/flux`)).status).toBe(401);
  const response = await fetch(`${started.url}/flux`, { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('retry: 2000\n\n');
  await started.clock.advance(25_000);
  expect((await reader?.read())?.value).toBe('event: heartbeat\ndata: {}\n\n');
  await reader?.cancel();
});
