import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  controlVariables,
  dashboardsVariables,
  gatewayVariables,
  ingestVariables,
  readVariables,
} from '#contract/environment.ts';
import { parseComposeFile, withShellVariables } from '#test/services/compose-file.ts';
import { ROOT, readText } from './tree.ts';

const compose = parseComposeFile(readText('docker-compose.yml'));
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);

const VARIABLES: Readonly<Record<string, z.ZodObject>> = {
  control: controlVariables,
  ingest: ingestVariables,
  dashboards: dashboardsVariables,
  gateway: gatewayVariables,
};
/** Of a command that begins with `node`. */
const fileOf = (command: readonly string[]): string => command.slice(1).find((word) => !word.startsWith('--')) ?? 'absent';
const flagsOf = (command: readonly string[]): readonly string[] => command.slice(1, command.indexOf(fileOf(command)));
const schemaOf = (command: readonly string[]): z.ZodObject | undefined => VARIABLES[fileOf(command).split('/')[0] ?? ''];
/** Read by Node and by its C library, not by us. */
const OF_THE_RUNTIME = ['MALLOC_ARENA_MAX', 'NODE_COMPILE_CACHE'];
/** Only a variable of the shell that starts it may stand in a value, with its default. */
const withDefaults = (environment: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, withShellVariables(value)]));

describe('docker-compose.yml', () => {
  test.each(ours)('%s starts a file that exists', (_name, { command = [] }) => {
    expect(command[0]).toBe('node');
    expect(existsSync(path.join(ROOT, fileOf(command)))).toBe(true);
  });

  test.each(ours)('%s is given only variables that it reads, and all that it needs', (_name, { command = [], environment }) => {
    const schema = schemaOf(command);
    const known = [...Object.keys(schema?.shape ?? {}), ...OF_THE_RUNTIME];
    expect(Object.keys(environment).filter((name) => !known.includes(name))).toEqual([]);
    if (schema !== undefined) expect(() => readVariables(schema, withDefaults(environment))).not.toThrow();
  });

  test('the services that need a secret get it by file, from the secrets folder', () => {
    for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^deploy\/secrets\/[a-z0-9-]+$/);
    for (const [name, { secrets, environment }] of services) {
      expect(secrets.filter((secret) => !(secret in compose.secrets))).toEqual([]);
      const files = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
      const mounted = secrets.map((secret) => `/run/secrets/${secret}`);
      expect(
        files.filter((file) => !mounted.includes(file)),
        name,
      ).toEqual([]);
    }
  });

  test('no variable holds a password in clear', () => {
    const clear = services.flatMap(([name, { environment }]) =>
      Object.entries(environment)
        .filter(([variable, value]) => /PASSWORD|SECRET|TOKEN/.test(variable) && !value.startsWith('/run/secrets/'))
        .map(([variable]) => `${name}: ${variable}`),
    );
    expect(clear).toEqual([]);
  });

  test('what is mounted from the repository exists, and read-only', () => {
    const mounts = services.flatMap(([, { volumes }]) => volumes.filter((mount) => mount.startsWith('./')));
    for (const mount of mounts) {
      const [source = '', , mode] = mount.split(':');
      expect(existsSync(path.join(ROOT, source)), source).toBe(true);
      expect(mode, mount).toBe('ro');
    }
  });

  test('the registry is one database, in which control and ingest have each their own role', () => {
    const places = services.flatMap(([name, { environment }]) => {
      const url = environment['AXONE_POSTGRESQL_URL'];
      return url === undefined ? [] : [[name, url]];
    });
    expect(Object.fromEntries(places)).toEqual({
      control: 'postgresql://axone_control@postgresql:5432/axone',
      ingest: 'postgresql://axone_ingest@postgresql:5432/axone',
    });
  });

  test('nothing listens beyond this machine unless its owner opens it', () => {
    const open = services.flatMap(([, { ports }]) => ports.filter((port) => !port.startsWith('127.0.0.1:')));
    expect(open).toEqual([]);
  });

  test('every service of ours that is given a port is asked there for its health', () => {
    const served = ours.filter(([, { environment }]) => environment['AXONE_HTTP_PORT'] !== undefined);
    expect(served.map(([name]) => name)).toEqual(['control', 'ingest', 'dashboards', 'gateway-republique', 'gateway-tilleuls']);
    for (const [name, { environment, healthcheck }] of served)
      expect(JSON.stringify(healthcheck), name).toContain(`http://127.0.0.1:${environment['AXONE_HTTP_PORT']}/health`);
  });

  test('every foreign image is pinned to a version, and every service with an address says its health', () => {
    for (const [name, { image = '', ports, healthcheck }] of services) {
      // PostgreSQL numbers its versions in two parts
      expect(image, name).toMatch(image.startsWith('postgres:') ? /:\d+\.\d+$/ : /:\d+\.\d+\.\d+$/);
      if (ports.length > 0) expect(healthcheck, name).toBeDefined();
    }
  });
});

describe('Dockerfile', () => {
  const dockerfile = readText('Dockerfile');

  test('copies only what exists, and every room that runs', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => (sources ?? '').split(' '));
    expect(copied.filter((source) => source !== '.' && !existsSync(path.join(ROOT, source)))).toEqual([]);
    const run = ['domain', 'contract', 'adapters', 'gateway', 'ingest', 'control', 'dashboards', 'simulators', 'cli', 'deploy'];
    expect(run.filter((room) => !copied.includes(room))).toEqual([]);
  });

  test('runs as a user that may not change the programme', () => {
    expect(dockerfile).toMatch(/^USER axone$/m);
    expect(dockerfile.slice(dockerfile.indexOf('USER axone'))).not.toMatch(/^(RUN|COPY)/m);
  });
});

describe('deploy', () => {
  test.each(['deploy/influxdb/start.sh', '.ci/run'])('%s can be executed', (file) => {
    expect(statSync(path.join(ROOT, file)).mode & 0o111).not.toBe(0);
  });

  test('the systemd unit gives the gateway every variable that has no default, and no password', () => {
    const unit = readText('deploy/systemd/axone-gateway@.service');
    const given = [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name ?? '');
    const elsewhere = ['AXONE_MQTT_URL'];
    const needed = Object.entries(gatewayVariables.shape)
      .filter(([, schema]) => !schema.safeParse(undefined).success)
      .map(([name]) => name);
    expect(needed.filter((name) => !given.includes(name) && !elsewhere.includes(name))).toEqual([]);
    expect(given.filter((name) => !(name in gatewayVariables.shape) && !OF_THE_RUNTIME.includes(name))).toEqual([]);
    expect(unit).toContain('LoadCredential=mqtt-password:');
  });

  test('a gateway has the same memory with and without containers', () => {
    const unit = readText('deploy/systemd/axone-gateway@.service');
    const [, flags = ''] = /^ExecStart=\S+\/node (.+) \S+gateway\/main\.ts$/m.exec(unit) ?? [];
    const arenas = /^Environment=MALLOC_ARENA_MAX=(\d+)$/m.exec(unit)?.[1];
    const gateways = ours.filter(([, { command = [] }]) => fileOf(command) === 'gateway/main.ts');
    expect(gateways).toHaveLength(2);
    for (const [, { command = [], environment }] of gateways) {
      expect(flagsOf(command)).toEqual(flags.split(' '));
      expect(environment['MALLOC_ARENA_MAX']).toBe(arenas);
    }
    expect(readText('gateway/README.md')).toContain(`node ${flags} gateway/main.ts`);
  });
});
