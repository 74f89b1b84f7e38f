import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from '#contract/ports/logger.ts';
import { type BrokerClient, brokerClientNamed, brokerRights, isTopicWithin } from '#contract/topics.ts';

export type RefusedAct = 'connect' | 'publish' | 'subscribe' | 'will';

/** Who may do what on the embedded broker, and what was refused. */
export interface AccessList {
  isKnown(userName: string | undefined, password: Uint8Array | undefined): boolean;
  mayPublish(userName: string, topic: string): boolean;
  maySubscribe(userName: string, filter: string): boolean;
  /** Counts; logs the first of its kind. */
  refuse(act: RefusedAct, userName: string, topic: string): void;
  /** Refusals since the start. */
  refusals(): number;
}

export interface AccessListOptions {
  /** By user name. */
  readonly credentials: ReadonlyMap<string, string>;
  readonly clients: ReadonlyMap<string, BrokerClient>;
  /** Whether any client may come that the authority gave a certificate, under the name that it bears. */
  readonly byCertificate?: boolean;
  readonly logger: Logger;
}

/** After this many different refusals, further ones are only counted. */
const LOGGED_LIMIT = 1_000;

const digest = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();

export const createAccessList = ({ credentials, clients, byCertificate = false, logger }: AccessListOptions): AccessList => {
  const logged = new Set<string>();
  let refusals = 0;
  const rightsOf = (userName: string) => {
    const client = clients.get(userName) ?? (byCertificate ? brokerClientNamed(userName) : null);
    return client === null ? { publish: [], subscribe: [] } : brokerRights(client);
  };

  return {
    isKnown(userName, password) {
      const expected = userName === undefined ? undefined : credentials.get(userName);
      const isSame = timingSafeEqual(digest(password ?? ''), digest(expected ?? ''));
      return expected !== undefined && password !== undefined && isSame;
    },
    mayPublish: (userName, topic) => rightsOf(userName).publish.some((filter) => isTopicWithin(topic, filter)),
    maySubscribe: (userName, wanted) => rightsOf(userName).subscribe.some((filter) => isTopicWithin(wanted, filter)),
    refuse(act, userName, topic) {
      refusals += 1;
      const key = `${act} ${userName} ${topic}`;
      if (logged.size >= LOGGED_LIMIT || logged.has(key)) return;
      logged.add(key);
      logger.warn(`broker-refused-${act}`, { userName: userName.slice(0, 64), topic: topic.slice(0, 200) });
    },
    refusals: () => refusals,
  };
};
