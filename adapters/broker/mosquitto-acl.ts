import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { type BrokerClient, brokerRights, brokerUserName } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';

/** Of Mosquitto 2.0's own mosquitto_passwd: PBKDF2 with HMAC-SHA-512. */
const ITERATIONS = 101;
const SALT_BYTES = 12;
const HASH_BYTES = 64;

const linesOf = (client: BrokerClient): string[] => {
  const { publish, subscribe } = brokerRights(client);
  return [
    `user ${brokerUserName(client)}`,
    ...publish.map((filter) => `topic write ${filter}`),
    ...subscribe.map((filter) => `topic read ${filter}`),
    '',
  ];
};

/** Text of a Mosquitto acl_file for these clients; whoever is not in it may do nothing. */
export const mosquittoAcl = (clients: Iterable<BrokerClient>): string =>
  ['# Made from the table of rights of the contract: do not edit.', '', ...[...clients].flatMap(linesOf)].join('\n');

const ANY_GATEWAY = gatewayId('any-gateway');

/**
 * The same rights by the name of a certificate (`use_identity_as_username`): a gateway that the authority admits needs no
 * line of its own. Text of `deploy/mosquitto/acl-by-certificate`.
 */
export const mosquittoAclByCertificate = (): string => {
  const { publish, subscribe } = brokerRights({ role: 'gateway', gateway: ANY_GATEWAY });
  const named = (filter: string): string => filter.replace(ANY_GATEWAY, '%u');
  return [
    '# Made from the table of rights of the contract: do not edit. %u is the name that the certificate bears.',
    '',
    ...publish.map((filter) => `pattern write ${named(filter)}`),
    ...subscribe.map((filter) => `pattern read ${named(filter)}`),
    '',
    ...linesOf({ role: 'ingest' }),
    ...linesOf({ role: 'control' }),
    ...linesOf({ role: 'authority' }),
  ].join('\n');
};

const hashed = (password: string): string => {
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return `$7$${ITERATIONS}$${salt.toString('base64')}$${hash.toString('base64')}`;
};

/** Text of a Mosquitto password_file: one hashed password per user name. Passwords must be long and random: the hash is fast. */
export const mosquittoPasswords = (credentials: ReadonlyMap<string, string>): string =>
  [...credentials].map(([userName, password]) => `${userName}:${hashed(password)}\n`).join('');
