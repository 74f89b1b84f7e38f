import { Socket } from 'node:net';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { fault, reasonOf } from '#contract/errors.ts';
import type { LastWill, PublishOptions } from '#contract/ports/message-bus.ts';
import { boundMqttPacketMemory } from './mqtt-packet-memory.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_S = 20;
/** Granted QoS of a subscription that the broker refused (MQTT 3.1.1 section 3.9.3). */
const REFUSED = 128;

/** PEM texts: who is believed and, with mutual TLS, who we are. */
export interface TlsMaterial {
  /** Those of the system when absent. */
  readonly ca?: string;
  readonly identity?: { readonly cert: string; readonly key: string };
}

export interface LinkOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** Read at each connection, so that a renewed certificate is shown at the next one. */
  readonly tls?: () => Promise<TlsMaterial>;
  readonly clientId: string;
  readonly will?: LastWill;
  /** False keeps the session at the broker between connections. */
  readonly clean: boolean;
}

export interface LinkEvents {
  message(topic: string, payload: Uint8Array): void;
  /** Called once, when a link that was up is lost without having been asked to end. */
  lost(reason: string): void;
}

/**
 * One connection to a broker, used once: mqtt.js keeps publishes of a lost connection for its next one, and never answers
 * them when it has none, so a connection is never reused here and what it had not sent is refused.
 */
export interface MqttLink {
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>;
  /** Filters that the broker refused. */
  subscribe(filters: readonly string[]): Promise<string[]>;
  unsubscribe(filter: string): Promise<void>;
  /** Sends DISCONNECT, so that the last will is not published. */
  end(): Promise<void>;
  /** Lets go of the socket without a word. */
  drop(): void;
}

const tlsOptions = ({ ca, identity }: TlsMaterial): IClientOptions => ({
  ...(ca === undefined ? {} : { ca }),
  ...identity,
  rejectUnauthorized: true,
});

const clientOptions = (
  { username, password, clientId, will, clean }: LinkOptions,
  tls: TlsMaterial | undefined,
): IClientOptions => ({
  clientId,
  clean,
  protocolVersion: 4,
  reconnectPeriod: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepalive: KEEP_ALIVE_S,
  queueQoSZero: false,
  resubscribe: false,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls === undefined ? {} : tlsOptions(tls)),
  ...(will === undefined ? {} : { will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: will.retain } }),
});

const opened = (client: MqttClient, url: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    let reason = 'the connection was closed';
    const giveUp = (): void => void client.end(true);
    const onClose = (): void => {
      signal.removeEventListener('abort', giveUp);
      client.end(true);
      reject(fault('SERVICE_UNREACHABLE', { service: 'The MQTT broker', address: url, reason }));
    };
    client.on('error', (thrown) => {
      reason = reasonOf(thrown) || 'connection refused';
    });
    client.once('close', onClose);
    client.once('connect', () => {
      client.off('close', onClose);
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    signal.addEventListener('abort', giveUp);
  });

/** Rejects with `SERVICE_UNREACHABLE` when no connection comes within 10 s, when the broker refuses it, or when the signal gives up. */
export const openMqttLink = async (options: LinkOptions, events: LinkEvents, signal: AbortSignal): Promise<MqttLink> => {
  boundMqttPacketMemory();
  const { url } = options;
  const client = connect(url, clientOptions(options, await options.tls?.()));
  client.on('message', (topic, payload) => events.message(topic, payload));
  await opened(client, url, signal);
  // An order would wait up to 40 ms for the peer to acknowledge the packet before it.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);

  const unanswered = new Set<(reason: Error) => void>();
  let end: 'up' | 'asked' | 'lost' = 'up';
  let reason = 'the link was lost';
  const unreachable = () => fault('SERVICE_UNREACHABLE', { service: 'The MQTT broker', address: url, reason });

  client.on('error', (thrown) => {
    reason = reasonOf(thrown);
  });
  client.once('close', () => {
    const wasUp = end === 'up';
    if (wasUp) end = 'lost';
    client.end(true);
    for (const reject of unanswered) reject(unreachable());
    unanswered.clear();
    if (wasUp) events.lost(reason);
  });

  const answered = <T>(ask: (settle: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (end !== 'up' || !client.connected) {
        reject(unreachable());
        return;
      }
      unanswered.add(reject);
      ask((error, value) => {
        unanswered.delete(reject);
        if (error)
          reject(fault('SERVICE_UNREACHABLE', { service: 'The MQTT broker', address: url, reason: error.message }, error));
        else resolve(value);
      });
    });

  return {
    publish: (topic, payload, { qos, retain = false }) =>
      answered<void>((settle) => client.publish(topic, payload, { qos, retain }, (error) => settle(error, undefined))),
    subscribe: (filters) =>
      answered<string[]>((settle) =>
        client.subscribe([...filters], { qos: 1 }, (error, _granted, packet) => {
          const refused = filters.filter((_filter, index) => packet?.granted[index] === REFUSED);
          settle(refused.length > 0 ? null : error, refused);
        }),
      ),
    unsubscribe: (filter) => answered<void>((settle) => client.unsubscribe(filter, (error) => settle(error, undefined))),
    async end() {
      if (end !== 'up') return;
      end = 'asked';
      reason = 'the client disconnects';
      // mqtt.js would wait for their answers before it says DISCONNECT
      client.outgoing = {};
      await client.endAsync();
    },
    drop() {
      client.end(true);
    },
  };
};
