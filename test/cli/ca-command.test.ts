import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { makeFileAuthority, openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { type OnceOptions, runCaCommand } from '../../cli/ca-command.ts';
import { type CaOptions, parseCaOptions } from '../../cli/ca-options.ts';

let place: string;
let clock: SimulatedClock;
let told: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'axone-ca-'));
  clock = createSimulatedClock({ civil: parseInstant('2026-11-24T16:00:00Z') });
});
afterEach(() => rm(place, { recursive: true, force: true }));

const once = (options: CaOptions): OnceOptions => {
  if (options.action === 'answer') throw new Error('It lasts');
  return options;
};
const ca = (...parameters: readonly string[]): Promise<string> =>
  runCaCommand(once(parseCaOptions(parameters)), {
    makeAuthority: (folder, name) => makeFileAuthority({ folder, clock }, name),
    openAuthority: (folder) => openFileAuthority({ folder, clock }),
    demand: demandCertificate,
    askClaim: () => Promise.resolve(told),
    now: () => clock.civilNow(),
    platform: (baseUrl) => createFetchApiClient({ baseUrl }),
  });

test('an installer enrols a gateway by exchanging two files, and the key never leaves its machine', async () => {
  const [folder, cabinet] = [join(place, 'authority'), join(place, 'cabinet')];
  await ca('init', '--folder', folder);
  told = (await ca('claim', 'gateway-mairie', '--folder', folder)).split('\n')[0] ?? '';
  await ca('request', 'gateway-mairie', '--out', cabinet);
  expect((await stat(join(cabinet, 'key.pem'))).mode & 0o777).toBe(0o600);
  expect(await ca('sign', join(cabinet, 'request.pem'), '--folder', folder)).toContain(
    'gateway-mairie until 2027-02-22T16:00:00Z',
  );
  expect(await readFile(join(cabinet, 'certificate.pem'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);

  await clock.advance(65 * 86_400_000);
  await ca('request', 'gateway-mairie', '--out', cabinet, '--renew');
  await ca('sign', join(cabinet, 'request.pem'), '--folder', folder);
  expect(await ca('list', '--folder', folder)).toMatch(
    /^gateway-mairie {2}until 2027-02-22T16:00:00Z .*\ngateway-mairie {2}until 2027-04-28T16:00:00Z /,
  );
  expect(await ca('revoke', 'gateway-mairie', '--folder', folder)).toMatch(/^2 revoked/);
  expect(await ca('list', '--folder', folder)).not.toContain('until');
});

test('a server gets a folder with all that its broker needs', async () => {
  const [folder, out] = [join(place, 'authority'), join(place, 'broker')];
  await ca('init', '--folder', folder, '--name', 'Département');
  await ca('server', 'broker.example', '192.0.2.7', '--folder', folder, '--out', out);
  expect((await readdir(out)).sort()).toEqual(['certificate.pem', 'key.pem', 'revoked.pem', 'root.pem']);
  await expect(ca('server', 'broker.example', '--folder', folder, '--out', out)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  });
});

test('a key that is there is never written over', async () => {
  told = 'a claim';
  const [first, again] = [
    () => ca('request', 'gateway-mairie', '--out', place),
    () => ca('request', 'gateway-mairie', '--out', place),
  ];
  await first();
  const key = await readFile(join(place, 'key.pem'), 'utf8');
  await expect(again()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  expect(await readFile(join(place, 'key.pem'), 'utf8')).toBe(key);
});

test.each([
  ['an unknown action', ['bless'], 'COMMAND_UNKNOWN'],
  ['no folder', ['claim', 'gateway-mairie'], 'OPTION_INVALID'],
  ['no name', ['revoke', '--folder', 'here'], 'OPTION_INVALID'],
  ['two names', ['claim', 'one', 'two', '--folder', 'here'], 'OPTION_INVALID'],
  ['a server without host', ['server', '--folder', 'here', '--out', 'there'], 'OPTION_INVALID'],
  ['an enrolment without the platform', ['enrol', 'gateway-mairie', '--out', 'here'], 'OPTION_INVALID'],
  ['a claim in clear', ['enrol', 'gateway-mairie', '--out', 'here', '--at', 'http://axone.example'], 'OPTION_INVALID'],
  ['an option that does not exist', ['list', '--fodler', 'here'], 'OPTION_INVALID'],
])('%s is refused with what to write', (_what, parameters, code) => {
  expect(() => parseCaOptions(parameters)).toThrow(expect.objectContaining({ code }));
});

test('a folder without an authority is said', async () => {
  await expect(ca('list', '--folder', place)).rejects.toMatchObject({ code: 'AUTHORITY_MISSING' });
});
