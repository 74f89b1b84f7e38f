import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createInfluxdbStore, type InfluxdbStoreOptions } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { startInfluxdb } from '#test/services/start-influxdb.ts';

const at = parseInstant('2026-11-24T21:00:00Z');
const readingOf = (point: string, value: number) => ({
  point: pointId(point),
  privacy: 'operational' as const,
  at,
  values: [{ quantity: 'activePowerW' as const, value, quality: 'measured' as const }],
});
const FRESH = { redelivered: false } as const;
const names = { database: 'axone', dwellingDatabase: 'axone_dwellings', logger: silentLogger };

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};

interface Heard {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

let stop: () => Promise<void> = () => Promise.resolve();
afterEach(() => stop());

/** What a server of 2.x or 3.x hears: neither can be run here, so this says only what is sent, not that they take it. */
const startListener = async (writeStatus = 204, headers: Record<string, string> = {}) => {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
      if (request.url?.startsWith('/query') === true) {
        const databases = { name: 'databases', columns: ['name'], values: [['axone'], ['axone_dwellings']] };
        response.end(JSON.stringify({ results: [{ series: body.includes('DATABASES') ? [databases] : [] }] }));
      } else response.writeHead(writeStatus, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => new Promise((resolve) => server.close(() => resolve()));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

describe('what the generations of InfluxDB are sent', () => {
  const written = async (options: Partial<InfluxdbStoreOptions>): Promise<Heard | undefined> => {
    const { heard, url } = await startListener();
    const store = createInfluxdbStore({ url, ...names, ...options });
    await store.write([readingOf('point-a', 1)], FRESH);
    return heard.find(({ path }) => path.includes('write'));
  };

  test('1.x: a database, and a user by Basic', async () => {
    expect(await written({ username: 'axone', password: 'secret' })).toMatchObject({
      path: '/write?db=axone&precision=ms',
      authorization: `Basic ${Buffer.from('axone:secret').toString('base64')}`,
    });
  });

  test('2.x: a bucket of an organisation, and a token', async () => {
    expect(await written({ generation: 2, organisation: 'USEDA & co', token: 'tok' })).toMatchObject({
      path: '/api/v2/write?org=USEDA%20%26%20co&bucket=axone&precision=ms',
      authorization: 'Token tok',
    });
  });

  test('3.x: a database by its own path, and a bearer; the lines are the same', async () => {
    const heard = await written({ generation: 3, token: 'tok' });
    expect(heard).toMatchObject({
      path: '/api/v3/write_lp?db=axone&precision=millisecond',
      authorization: 'Bearer tok',
    });
    expect(heard?.body).toContain(`readings,point=point-a activePowerW=1 ${at}`);
  });

  test('3.x deletes nothing, and an erasure there is refused rather than forgotten', async () => {
    const { url } = await startListener();
    const store = createInfluxdbStore({ url, ...names, generation: 3, token: 'tok' });
    const refusal = { code: 'STORE_REFUSED', fields: { reason: expect.stringContaining('deletes no rows') } };
    await expect(store.erase({ point: pointId('point-a'), privacy: 'dwelling' })).rejects.toMatchObject(refusal);
    await expect(store.expire({ privacy: 'dwelling', kind: 'readings', before: at })).rejects.toMatchObject(refusal);
  });

  test.each([429, 503])(
    'an answer %i is a store that is busy: nothing is counted as stored, nothing is refused for good',
    async (status) => {
      const { url } = await startListener(status, { 'retry-after': '10' });
      const write = createInfluxdbStore({ url, ...names }).write([readingOf('point-a', 1)], FRESH);
      await expect(write).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        fields: { reason: expect.stringContaining(String(status)) },
      });
    },
  );
});

test('of a batch with refused lines every other line is kept, and the refusal names them without their values', async () => {
  const influxdb = await startInfluxdb();
  stop = influxdb.stop;
  const store = createInfluxdbStore({ url: influxdb.url, ...names });
  const good = Array.from({ length: 400 }, (_, index) => readingOf(`point-good-${index}`, index));
  await influxdb.query('CREATE DATABASE "axone"');
  // another programme made this field a text: InfluxDB keeps the type of a field for a whole shard
  const text = `readings,point=point-other voltageV="text" ${at}`;
  await fetch(`${influxdb.url}/write?db=axone&precision=ms`, { method: 'POST', body: text });
  const bad = ['point-bad-1', 'point-bad-2'].map((point) => ({
    ...readingOf(point, 1),
    values: [{ quantity: 'voltageV' as const, value: 12_345.678, quality: 'measured' as const }],
  }));
  const batch = [...good.slice(0, 100), ...bad.slice(0, 1), ...good.slice(100), ...bad.slice(1)];
  const refusal = await store.write(batch, FRESH).catch((thrown: unknown) => thrown);
  expect(refusal).toMatchObject({ code: 'STORE_REFUSED', fields: { what: expect.stringContaining('point=point-bad-1') } });
  expect(String(refusal)).toContain('point=point-bad-2');
  expect(String(refusal)).not.toContain('12345');
  const latest = await store.latest(good.map(({ point, privacy }) => ({ point, privacy })));
  expect(good.filter(({ point }) => latest.get(point)?.size === 1)).toHaveLength(400);
});

test('a number that is none is refused before it is sent', async () => {
  const { heard, url } = await startListener();
  const write = createInfluxdbStore({ url, ...names }).write([readingOf('point-a', Number.NaN)], FRESH);
  await expect(write).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  expect(heard.some(({ path }) => path.includes('write'))).toBe(false);
});
