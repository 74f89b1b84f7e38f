import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createSegmentLog } from '#adapters/durable-log/segments.ts';
import { brokerAccess } from '#adapters/from-config.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { gatewayVariables, readVariables } from '#contract/environment.ts';
import { Fault, fault, reasonOf } from '#contract/errors.ts';
import manifest from '../package.json' with { type: 'json' };
import { createGateway, gatewayLastWill, loadGatewayConfiguration, loadProfiles, readBoot } from './index.ts';

const HELP = `node gateway/main.ts --config FILE

Runs one gateway alone. Variables:
  AXONE_MQTT_URL            mqtts://host:port of the broker (mqtt:// on a private network)
  AXONE_MQTT_CA_FILE        authority of the broker's certificate
  AXONE_MQTT_CERT_FILE      the gateway's certificate
  AXONE_MQTT_KEY_FILE       its key
  AXONE_MQTT_USER           without a certificate, the gateway's identifier
  AXONE_MQTT_PASSWORD_FILE  and a file with its password
  AXONE_DATA                folder for its outbox and its documents
  AXONE_GATEWAY_CONFIG      its file, when --config is absent
`;

/** Segments are a small part of the outbox, so that a full one gives space back soon. */
const SEGMENTS_PER_OUTBOX = 32;
const LARGEST_SEGMENT_BYTES = 4 * 1024 * 1024;
const HEARTBEAT_MS = 60_000;

const optionsOf = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (thrown) {
    throw fault('OPTION_INVALID', { option: 'gateway/main.ts', problem: reasonOf(thrown), expected: '--config FILE' }, thrown);
  }
};

const run = async (): Promise<void> => {
  const options = optionsOf(process.argv.slice(2));
  if (options.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const given = options.config === undefined ? {} : { AXONE_GATEWAY_CONFIG: options.config };
  const variables = readVariables(gatewayVariables, { ...process.env, ...given });
  const { AXONE_GATEWAY_CONFIG: file, AXONE_DATA: folder } = variables;
  const profiles = await loadProfiles();
  const configuration = await loadGatewayConfiguration(file, profiles);
  const clock = createSystemClock();
  const logger = createJsonLinesLogger({ clock, service: configuration.id });
  const shelf = await createFileShelf(join(folder, 'documents'));
  const segmentBytes = Math.min(LARGEST_SEGMENT_BYTES, Math.ceil(configuration.outbox.limitBytes / SEGMENTS_PER_OUTBOX));
  const log = await createSegmentLog({ folder: join(folder, 'outbox'), segmentBytes, logger });
  const { version } = manifest;
  const access = await brokerAccess(variables);
  const bus = createMqttBus({
    ...access,
    clientId: `${configuration.id}-${hostname()}`,
    will: gatewayLastWill(configuration.id, await readBoot(shelf), version),
    clock,
    logger,
  });
  const gateway = createGateway({ configuration, profiles, bus, log, shelf, clock, logger, version });
  // The gateway's own timers never keep a process alive, and it must live while nothing is connected.
  const heartbeat = setInterval(() => undefined, HEARTBEAT_MS);
  const stop = async (): Promise<void> => {
    await gateway.stop();
    await bus.disconnect();
    await log.close();
    clearInterval(heartbeat);
  };
  process.once('SIGTERM', () => void stop());
  process.once('SIGINT', () => void stop());
  await gateway.start();
  process.stdout.write(`${JSON.stringify({ event: 'ready', gateway: configuration.id, mqtt: access.url })}\n`);
};

run().catch((thrown: unknown) => {
  process.stderr.write(`${thrown instanceof Fault ? thrown.message : reasonOf(thrown)}\n`);
  process.exitCode = thrown instanceof Fault && /^(CONFIG|PROFILE|OPTION)_/.test(thrown.code) ? 2 : 1;
});
