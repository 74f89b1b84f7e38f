import { connect } from 'mqtt';
import { type Ack, ackMessage } from '#contract/messages/ack.ts';
import { filters } from '#contract/topics.ts';

export interface AckListenerOptions {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly hear: (ack: Ack) => void;
}

const RETRY_MS = 200;

/** Hears every acknowledgement beside the gateway, with a client of its own that comes back at once. */
export const listenToAcks = async ({ url, username, password, hear }: AckListenerOptions): Promise<() => Promise<void>> => {
  const client = connect(url, { username, password, clientId: `listener-${username}`, reconnectPeriod: RETRY_MS });
  // a broker that was killed is what this is about
  client.on('error', () => undefined);
  client.on('message', (_topic, payload) => hear(ackMessage.parse(JSON.parse(payload.toString()))));
  await client.subscribeAsync(filters.acks, { qos: 1 });
  return () => client.endAsync(true);
};
