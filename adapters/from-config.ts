import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import type { z } from 'zod';
import { startEmbeddedBroker } from '#adapters/broker/embedded-aedes.ts';
import type { ServerMaterial } from '#adapters/broker/mutual-tls.ts';
import { readSecret, readText } from '#adapters/configuration/read-text.ts';
import { parseYamlDocument } from '#adapters/configuration/yaml-document.ts';
import { createMqttBus, type MqttBusOptions } from '#adapters/message-bus/mqtt.ts';
import { archiveRegistry, restoreRegistry } from '#adapters/registry/archive.ts';
import { postgresqlEngine } from '#adapters/registry/postgresql/engine.ts';
import {
  openSharedRegistry,
  type RegistryEngine,
  type SharedRegistry,
  type SharedRegistryOptions,
  takeRegistryBack,
} from '#adapters/registry/shared-registry.ts';
import { sqliteEngine } from '#adapters/registry/sqlite/open.ts';
import { createInfluxdbStore } from '#adapters/time-series-store/influxdb/influxdb-store.ts';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import type { WriteLine } from '#contract/archive.ts';
import { type Configuration, configurationSchema } from '#contract/configuration.ts';
import type { RegistryVariables, StoreVariables } from '#contract/environment.ts';
import { fault } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { LastWill, MessageBus } from '#contract/ports/message-bus.ts';
import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import { type BrokerClient, brokerUserName } from '#contract/topics.ts';

/** Configuration → adapters: the only list of choices. */

/** A YAML file against its schema: CONFIG_UNREADABLE, or CONFIG_INVALID with its line and path. */
export const readYamlFile = async <S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> =>
  parseYamlDocument(file, await readText(file), schema);

const brokerFrom = (written: Configuration['broker'], fromFile: (path: string) => string): Configuration['broker'] => {
  if (written.kind === 'mqtt') {
    const { kind, url, passwordFolder, identityFolder } = written;
    return {
      kind,
      url,
      ...(passwordFolder === undefined ? {} : { passwordFolder: fromFile(passwordFolder) }),
      ...(identityFolder === undefined ? {} : { identityFolder: fromFile(identityFolder) }),
    };
  }
  if (written.tls === undefined) return written;
  const { caFile, certificateFile, keyFile, revokedFile, ...where } = written.tls;
  return {
    ...written,
    tls: {
      ...where,
      caFile: fromFile(caFile),
      certificateFile: fromFile(certificateFile),
      keyFile: fromFile(keyFile),
      revokedFile: fromFile(revokedFile),
    },
  };
};

const storeFrom = (written: Configuration['store'], fromFile: (path: string) => string): Configuration['store'] => {
  if (written.kind === 'sqlite') return written;
  const { passwordFile, tokenFile, ...where } = written;
  return {
    ...where,
    ...(passwordFile === undefined ? {} : { passwordFile: fromFile(passwordFile) }),
    ...(tokenFile === undefined ? {} : { tokenFile: fromFile(tokenFile) }),
  };
};

/** The platform's file, its paths made absolute from where it stands. */
export const loadConfiguration = async (file: string): Promise<Configuration> => {
  const written = await readYamlFile(file, configurationSchema);
  const fromFile = (path: string): string => resolve(dirname(file), path);
  return {
    ...written,
    data: fromFile(written.data),
    assets: fromFile(written.assets),
    gateways: written.gateways.map(fromFile),
    ...(written.authority === undefined ? {} : { authority: fromFile(written.authority) }),
    broker: brokerFrom(written.broker, fromFile),
    registry:
      written.registry.kind === 'postgresql' && written.registry.passwordFile !== undefined
        ? { ...written.registry, passwordFile: fromFile(written.registry.passwordFile) }
        : written.registry,
    store: storeFrom(written.store, fromFile),
  };
};

/** The choice of a store as variables say it. */
export const storeFromVariables = (variables: StoreVariables): Configuration['store'] => {
  if (variables.AXONE_STORE === 'sqlite') return { kind: 'sqlite' };
  if (variables.AXONE_INFLUXDB_URL === undefined) {
    throw fault('CONFIG_INVALID', {
      file: 'environment',
      line: 0,
      path: 'AXONE_INFLUXDB_URL',
      problem: 'absent while AXONE_STORE is influxdb',
      expected: 'set AXONE_INFLUXDB_URL, such as http://influxdb:8086',
    });
  }
  const { AXONE_INFLUXDB_USER: username, AXONE_INFLUXDB_PASSWORD_FILE: passwordFile } = variables;
  const { AXONE_INFLUXDB_ORGANISATION: organisation, AXONE_INFLUXDB_TOKEN_FILE: tokenFile } = variables;
  return {
    kind: 'influxdb',
    url: variables.AXONE_INFLUXDB_URL,
    database: variables.AXONE_INFLUXDB_DATABASE,
    dwellingDatabase: variables.AXONE_INFLUXDB_DWELLING_DATABASE,
    ...(username === undefined ? {} : { username }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
    generation: GENERATIONS[variables.AXONE_INFLUXDB_GENERATION],
    ...(organisation === undefined ? {} : { organisation }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
  };
};

const GENERATIONS = { 1: 1, 2: 2, 3: 3 } as const;

export const openStore = async (choice: Configuration['store'], folder: string, logger: Logger): Promise<TimeSeriesStore> => {
  switch (choice.kind) {
    case 'sqlite':
      return createSqliteStore({ file: join(folder, 'series.sqlite'), logger });
    case 'influxdb': {
      const { kind: _kind, passwordFile, username, organisation, tokenFile, ...where } = choice;
      return createInfluxdbStore({
        ...where,
        ...(organisation === undefined ? {} : { organisation }),
        ...(tokenFile === undefined ? {} : { token: await readSecret(tokenFile) }),
        ...(username === undefined ? {} : { username }),
        ...(passwordFile === undefined ? {} : { password: await readSecret(passwordFile) }),
        logger,
      });
    }
  }
};

/** Where the registry is: one SQLite file, or a PostgreSQL database. */
export type RegistryChoice =
  | { readonly kind: 'sqlite'; readonly file: string }
  | Extract<Configuration['registry'], { readonly kind: 'postgresql' }>;

/** The choice of a registry as variables say it. */
export const registryFromVariables = (variables: RegistryVariables): RegistryChoice => {
  const { AXONE_REGISTRY: kind, AXONE_REGISTRY_FILE: registryFile, AXONE_POSTGRESQL_URL: url } = variables;
  const absent = (variable: string, example: string) =>
    fault('CONFIG_INVALID', {
      file: 'environment',
      line: 0,
      path: variable,
      problem: `absent while the registry is in ${kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'}`,
      expected: `set ${variable}, such as ${example}`,
    });
  if (kind === 'sqlite') {
    if (registryFile === undefined) throw absent('AXONE_REGISTRY_FILE', '/var/lib/axone/registry/registry.sqlite');
    return { kind, file: registryFile };
  }
  if (url === undefined) throw absent('AXONE_POSTGRESQL_URL', 'postgresql://axone_control@postgresql:5432/axone');
  const passwordFile = variables.AXONE_POSTGRESQL_PASSWORD_FILE;
  return { kind, url, ...(passwordFile === undefined ? {} : { passwordFile }) };
};

/** The choice of a registry as the platform's file says it. */
export const registryFromConfiguration = ({ registry }: Configuration, folder: string): RegistryChoice =>
  registry.kind === 'sqlite' ? { kind: 'sqlite', file: join(folder, 'registry.sqlite') } : registry;

const registryEngine = async (choice: RegistryChoice, logger: Logger): Promise<RegistryEngine> => {
  if (choice.kind === 'sqlite') return sqliteEngine(choice.file, logger);
  const { url, passwordFile } = choice;
  return postgresqlEngine({ url, ...(passwordFile === undefined ? {} : { password: await readSecret(passwordFile) }) }, logger);
};

/** Only control migrates: the others get `REGISTRY_NOT_MIGRATED` until it has come. */
export const openRegistry = async (choice: RegistryChoice, options: SharedRegistryOptions): Promise<SharedRegistry> =>
  openSharedRegistry(await registryEngine(choice, options.logger), options);

/** For the programme of an earlier version: what only the later ones knew is lost. */
export const takeBackRegistry = async (choice: RegistryChoice, to: number, logger: Logger): Promise<number> =>
  takeRegistryBack(await registryEngine(choice, logger), to, logger);

/** A registry as text, and from it; see `archiveRegistry` and `restoreRegistry`. */
export const registryArchive = (choice: RegistryChoice, logger: Logger) => ({
  write: async (line: WriteLine): Promise<number> => archiveRegistry(await registryEngine(choice, logger), line),
  read: async (lines: AsyncIterable<string>): Promise<number> =>
    restoreRegistry(await registryEngine(choice, logger), lines, logger),
});

export interface Broker {
  readonly url: string;
  /** A connection for one client, with its own credentials. */
  busFor(
    client: BrokerClient,
    options?: { readonly will?: LastWill; readonly clientId?: string; readonly clean?: boolean },
  ): Promise<MessageBus>;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly choice: Configuration['broker'];
  readonly clients: readonly BrokerClient[];
  readonly clock: Clock;
  readonly logger: Logger;
}

type EmbeddedTls = NonNullable<Extract<Configuration['broker'], { kind: 'embedded' }>['tls']>;

const readMaterial = async ({ caFile, certificateFile, keyFile, revokedFile }: EmbeddedTls): Promise<ServerMaterial> => ({
  ca: await readText(caFile),
  cert: await readText(certificateFile),
  key: await readText(keyFile),
  crl: await readText(revokedFile),
});

type BrokerCredentials = Pick<MqttBusOptions, 'username' | 'password' | 'tls'>;

/** A client's folder, read at each connection: a certificate that was renewed is shown at the next one. */
const readIdentity = async (folder: string): Promise<Awaited<ReturnType<NonNullable<MqttBusOptions['tls']>>>> => ({
  ca: await readText(join(folder, 'root.pem')),
  identity: { cert: await readText(join(folder, 'certificate.pem')), key: await readText(join(folder, 'key.pem')) },
});

/** With a certificate, the broker takes the name that it bears. Rejects with `CONFIG_UNREADABLE` when a file is not there. */
const externalCredentials =
  ({ passwordFolder, identityFolder }: Extract<Configuration['broker'], { kind: 'mqtt' }>) =>
  async (user: string): Promise<BrokerCredentials> => {
    if (identityFolder === undefined) return { username: user, password: await readSecret(join(passwordFolder ?? '', user)) };
    const folder = join(identityFolder, user);
    await readIdentity(folder);
    return { tls: () => readIdentity(folder) };
  };

/** The embedded broker with secrets of this start alone, or a real one with the password or the certificate of each client. */
export const openBroker = async ({ choice, clients, clock, logger }: BrokerOptions): Promise<Broker> => {
  const connect = (url: string, credentialsOf: (user: string) => Promise<BrokerCredentials>): Broker['busFor'] => {
    return async (client, options = {}) => {
      const user = brokerUserName(client);
      return createMqttBus({
        url,
        ...(await credentialsOf(user)),
        clientId: options.clientId ?? `axone-${user}`,
        ...(options.will === undefined ? {} : { will: options.will }),
        ...(options.clean === undefined ? {} : { clean: options.clean }),
        clock,
        logger,
      });
    };
  };
  if (choice.kind === 'mqtt')
    return { url: choice.url, busFor: connect(choice.url, externalCredentials(choice)), close: () => Promise.resolve() };
  const { tls } = choice;
  const byName = new Map(clients.map((client) => [brokerUserName(client), client]));
  const credentials = new Map([...byName.keys()].map((user) => [user, randomBytes(24).toString('base64url')]));
  const { url, close } = await startEmbeddedBroker({
    host: choice.host,
    port: choice.port,
    credentials,
    clients: byName,
    logger,
    ...(tls === undefined ? {} : { tls: { host: tls.host, port: tls.port, material: () => readMaterial(tls), clock } }),
  });
  const embedded = (username: string) => Promise.resolve({ username, password: credentials.get(username) ?? '' });
  return { url, busFor: connect(url, embedded), close };
};
