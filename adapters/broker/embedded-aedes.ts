import { type EventEmitter, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client, type PublishPacket } from 'aedes';
import { fault } from '#contract/errors.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { BrokerClient } from '#contract/topics.ts';
import { type AccessList, createAccessList } from './access-list.ts';
import { certifiedName, createMutualTlsServer, type MutualTlsOptions } from './mutual-tls.ts';
import { createPacketLengthGuard } from './packet-length-guard.ts';

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Passwords by user name: own credentials even on loopback. Read at each connection. */
  readonly credentials: ReadonlyMap<string, string>;
  /** What each user name is; one that is absent may do nothing. */
  readonly clients: ReadonlyMap<string, BrokerClient>;
  readonly logger: Logger;
  /** A second door, for those who show a certificate: its name is their user name, whatever they say. */
  readonly tls?: Omit<MutualTlsOptions, 'logger'> & { readonly host: string; readonly port: number };
}

export interface EmbeddedBroker {
  readonly url: string;
  readonly port: number;
  /** Null without `tls`. */
  readonly tlsPort: number | null;
  /** Publishes, subscriptions, wills and connections refused since the start. */
  refusals(): number;
  close(): Promise<void>;
}

/** Larger than any message of the contract with its topic. Bytes. */
const PACKET_LIMIT_BYTES = 4 * 1024 * 1024;
/** How long a frozen subscriber may hold the others. Milliseconds. */
const DRAIN_TIMEOUT_MS = 10_000;
/** Nobody may subscribe there, and nothing is retained of it. */
const NOWHERE = '$refused';
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

interface Visitor {
  readonly userName: string;
  /** By its certificate: no password is asked. */
  readonly isCertified: boolean;
  readonly willTopic: string | null;
}

const refusal = (message: string, returnCode: number): AuthenticateError => Object.assign(new Error(message), { returnCode });

/** MQTT 3.1.1 answers every QoS 1 publish: a refused one is acknowledged and goes nowhere, as Mosquitto does. */
const divert = (packet: PublishPacket): void => {
  packet.topic = NOWHERE;
  packet.payload = '';
  packet.retain = false;
};

const createBroker = (access: AccessList): Promise<Aedes> => {
  const visitors = new WeakMap<Client, Visitor>();
  const userOf = (client: Client): string => visitors.get(client)?.userName ?? '';

  return Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect(client, packet, callback) {
      const certified = client.conn instanceof TLSSocket ? certifiedName(client.conn) : null;
      const userName = certified ?? packet.username ?? '';
      visitors.set(client, { userName, isCertified: certified !== null, willTopic: packet.will?.topic ?? null });
      // a client id of its own per user: a gateway cannot take over the session of another
      if (packet.clientId !== '') packet.clientId = `${userName}/${packet.clientId}`;
      callback(null, true);
    },
    authenticate(client, userName, password, done) {
      const { willTopic = null, isCertified = false } = visitors.get(client) ?? {};
      if (!isCertified && (client.conn instanceof TLSSocket || !access.isKnown(userName, password))) {
        access.refuse('connect', userName ?? '', '');
        done(refusal('Bad user name or password', BAD_CREDENTIALS), null);
      } else if (willTopic !== null && !access.mayPublish(userOf(client), willTopic)) {
        access.refuse('will', userOf(client), willTopic);
        done(refusal('This last will is not allowed', NOT_AUTHORIZED), null);
      } else {
        done(null, true);
      }
    },
    authorizePublish(client, packet, callback) {
      if (client !== null && !access.mayPublish(userOf(client), packet.topic)) {
        access.refuse('publish', userOf(client), packet.topic);
        divert(packet);
      }
      callback(null);
    },
    authorizeSubscribe(client, subscription, callback) {
      const isAllowed = access.maySubscribe(userOf(client), subscription.topic);
      if (!isAllowed) access.refuse('subscribe', userOf(client), subscription.topic);
      callback(null, isAllowed ? subscription : null);
    },
  });
};

const guardLength = (socket: Socket, logger: Logger): void => {
  const isWithinLimit = createPacketLengthGuard(PACKET_LIMIT_BYTES);
  socket.on('data', (chunk: Buffer) => {
    if (isWithinLimit(chunk)) return;
    logger.warn('broker-closed-oversized-packet', { from: socket.remoteAddress, limitBytes: PACKET_LIMIT_BYTES });
    socket.destroy();
  });
};

const listen = async (server: Server, host: string, port: number, option = 'broker.port'): Promise<number> => {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
    throw fault('PORT_IN_USE', { host, port, use: 'MQTT broker', option }, thrown);
  }
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : port;
};

interface Door {
  readonly port: number;
  close(): Promise<void>;
}

const openDoor = async (
  { host, port, ...options }: NonNullable<EmbeddedBrokerOptions['tls']>,
  logger: Logger,
  admit: (socket: Socket) => void,
): Promise<Door> => {
  const { server, watch, close } = await createMutualTlsServer({ ...options, logger }, admit);
  const listening = await listen(server, host, port, 'broker.tls.port');
  watch();
  return { port: listening, close };
};

/**
 * An MQTT 3.1.1 broker inside this process, for one machine: least privilege from the contract's table, nothing kept
 * over a restart. Rejects with `PORT_IN_USE`.
 */
export const startEmbeddedBroker = async (options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> => {
  const { host, logger } = options;
  const access = createAccessList({ ...options, byCertificate: options.tls !== undefined });
  const aedes = await createBroker(access);
  const sockets = new Set<Socket>();
  const admit = (socket: Socket): void => {
    socket.setNoDelay(true);
    aedes.handle(socket);
    guardLength(socket, logger);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    admit(socket);
  });
  const failures: EventEmitter = aedes;
  failures.on('error', (thrown: Error) => logger.error('broker-failed', { reason: thrown.message }));

  const port = await listen(server, host, options.port).catch(async (thrown: unknown) => {
    aedes.close();
    throw thrown;
  });
  let closing: Promise<void> | null = null;
  let door: Door | null = null;
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await door?.close();
    await closed;
  };
  try {
    door = options.tls === undefined ? null : await openDoor(options.tls, logger, admit);
  } catch (thrown) {
    await close();
    throw thrown;
  }

  return {
    url: `mqtt://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    tlsPort: door?.port ?? null,
    refusals: access.refusals,
    close() {
      closing ??= close();
      return closing;
    },
  };
};
