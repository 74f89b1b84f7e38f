/**
 * `node deploy/main.ts gateway-republique gateway-tilleuls`: makes the secrets that docker-compose.yml mounts, in
 * deploy/secrets/, once; and the broker's passwords and rights for these gateways, each time. `--folder DIR` makes them
 * elsewhere.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mosquittoAcl, mosquittoPasswords } from '#adapters/broker/mosquitto-acl.ts';
import { type BrokerClient, brokerUserName } from '#contract/topics.ts';
import { gatewayId } from '#domain/identifiers.ts';

const { values, positionals: gateways } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string' } } });
const FOLDER = path.resolve(values.folder ?? path.join(import.meta.dirname, 'secrets'));
const PLATFORM_SECRETS = [
  'influxdb-admin-password',
  'influxdb-password',
  'postgresql-admin',
  'postgresql-control',
  'postgresql-ingest',
  'grafana-admin-password',
  'grafana-influxdb-password',
];

/** The folder is closed to others; the files inside are readable by the container's user, whoever it is. */
const keep = async (name: string, text: string): Promise<void> => {
  const file = path.join(FOLDER, name);
  await rm(file, { force: true });
  await writeFile(file, text, { mode: 0o444 });
};

const secretNamed = async (name: string): Promise<string> => {
  const file = path.join(FOLDER, name);
  if (!existsSync(file)) await keep(name, randomBytes(32).toString('base64url'));
  return readFile(file, 'utf8');
};

const makeSecrets = async (): Promise<void> => {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  for (const name of PLATFORM_SECRETS) await secretNamed(name);
  const clients: readonly BrokerClient[] = [
    { role: 'ingest' },
    { role: 'control' },
    ...gateways.map((text): BrokerClient => ({ role: 'gateway', gateway: gatewayId(text) })),
  ];
  const credentials = new Map<string, string>();
  for (const userName of clients.map(brokerUserName)) credentials.set(userName, await secretNamed(`mqtt-${userName}`));
  await keep('mosquitto-passwords', mosquittoPasswords(credentials));
  await keep('mosquitto-acl', mosquittoAcl(clients));
};

if (gateways.length === 0) {
  process.stderr.write('Which gateways? Write: node deploy/main.ts gateway-republique gateway-tilleuls\n');
  process.exitCode = 2;
} else {
  await makeSecrets();
  process.stdout.write(`Secrets are in ${FOLDER}\n`);
}
