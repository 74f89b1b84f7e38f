import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { instant, parseInstant } from '#domain/civil-time.ts';
import { pointId } from '#domain/identifiers.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type StartedInfluxdb, startInfluxdb } from '#test/services/start-influxdb.ts';
import { makeIdentities } from '../broker/identities.ts';

const known = getCACertificates('default');
/** What NODE_EXTRA_CA_CERTS does at the start of a process. */
const trust = (authority: string): void => setDefaultCACertificates([...known, authority]);
const admin = { username: 'axone', password: 'secret' };

let identities: Awaited<ReturnType<typeof makeIdentities>>;
let influxdb: StartedInfluxdb;
beforeEach(async () => {
  identities = await makeIdentities();
  trust(identities.ca);
  const tls = { certificate: join(identities.broker, 'certificate.pem'), key: join(identities.broker, 'key.pem') };
  influxdb = await startInfluxdb({ admin, tls });
});
afterEach(async () => {
  setDefaultCACertificates(known);
  await influxdb.stop();
  await identities.remove();
});

test('InfluxDB is written and read over TLS, and one that shows the certificate of an unknown authority is told nothing', async () => {
  const at = parseInstant('2026-11-24T21:00:00Z');
  const point = pointId('point-a');
  const values = [{ quantity: 'activePowerW', value: 21.8, quality: 'measured' }] as const;
  const reading = { point, privacy: 'operational', at, values } as const;
  const open = (url = influxdb.url) =>
    createInfluxdbStore({
      url,
      ...admin,
      database: 'axone',
      dwellingDatabase: 'axone_dwellings',
      logger: silentLogger,
    });

  expect(influxdb.url).toMatch(/^https:/);
  await open().write([reading], { redelivered: false });
  const selection = { point, privacy: 'operational', quantity: 'activePowerW', from: at, to: instant(at + 1) } as const;
  expect(await open().series(selection, 10)).toEqual([{ at, value: 21.8, quality: 'measured' }]);

  trust(identities.foreignCa);
  // by another name, so that no connection of before is used again
  const stranger = open(influxdb.url.replace('127.0.0.1', 'localhost'));
  await expect(stranger.write([reading], { redelivered: false })).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    fields: { reason: expect.stringMatching(/certificate/) },
  });
});
