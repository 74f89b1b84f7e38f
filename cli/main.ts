import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { stderr, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { demandCertificate } from '#adapters/certificate-authority/demand-certificate.ts';
import { makeFileAuthority, openFileAuthority } from '#adapters/certificate-authority/files.ts';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import {
  loadConfiguration,
  openRegistry,
  type RegistryChoice,
  registryFromConfiguration,
  takeBackRegistry,
} from '#adapters/from-config.ts';
import { createFetchApiClient } from '#adapters/http/fetch-api-client.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { brokerAccess } from '#adapters/message-bus/broker-access.ts';
import { createMqttBus } from '#adapters/message-bus/mqtt.ts';
import { createArgon2Hasher } from '#adapters/password-hasher/argon2.ts';
import { runProcess } from '#adapters/process/run-process.ts';
import { authorityVariables, readVariables } from '#contract/environment.ts';
import { fault } from '#contract/errors.ts';
import { createAccounts } from '../control/index.ts';
import { answerRequests } from './answer-requests.ts';
import { runCaCommand } from './ca-command.ts';
import { CA_HELP, parseCaOptions } from './ca-options.ts';
import { runProfileCommand } from './profile-command.ts';
import { PROFILE_HELP, parseProfileOptions } from './profile-options.ts';
import { parseRegistryBackOptions, REGISTRY_HELP } from './registry-options.ts';
import type { RegistryPlace } from './registry-place.ts';
import { runScanCommand } from './scan-command.ts';
import { parseScanOptions, SCAN_HELP } from './scan-options.ts';
import { parseUserOptions, USER_HELP } from './user-options.ts';

const ROOT = join(import.meta.dirname, '..');

const HELP = `npm run axone -- COMMAND
  simulate [options]      the simulated field alone (--help: its options)
  user create [options]   a staff account in a registry
  registry back [options] its schema as an earlier version knew it
  backup, restore         registry and series as text, into the same engines or others
  profile check|test|new  a model of device, as data
  scan [options]          which units are on a line, and what they are (--help: its options)
  ca init|claim|request…  certificates of gateways and brokers (ca --help)

${USER_HELP}`;

/** Another programme of this repository, in the foreground; its exit code is ours. */
const runProgramme = (file: string, parameters: readonly string[]): Promise<void> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(ROOT, file), ...parameters], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
    child.once('error', failed);
    child.once('exit', (code) => {
      process.exitCode = code ?? 1;
      done();
    });
  });

const ask = async (question: string): Promise<string> => {
  if (!stdin.isTTY) return (await text(stdin)).trimEnd();
  const lines = createInterface({ input: stdin, output: stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
};

/** The registry of a place; the folder of a new file is made. */
const registryAt = async (place: RegistryPlace): Promise<RegistryChoice> => {
  const choice = place.kind === 'registry' ? place.choice : await choiceOfConfiguration(place);
  if (choice.kind === 'sqlite') await mkdir(dirname(choice.file), { recursive: true, mode: 0o700 });
  return choice;
};

const choiceOfConfiguration = async ({ file, data }: Extract<RegistryPlace, { kind: 'config' }>): Promise<RegistryChoice> => {
  const configuration = await loadConfiguration(resolve(file));
  return registryFromConfiguration(configuration, data === null ? configuration.data : resolve(data));
};

const createUser = (parameters: readonly string[]): Promise<void> =>
  runProcess(async (closing) => {
    const options = parseUserOptions(parameters);
    const registry = await openRegistry(await registryAt(options.place), { migrate: true, logger: silentLogger });
    closing.later(() => registry.close());
    const accounts = createAccounts({ ...registry.as('control'), hasher: createArgon2Hasher(), clock: createSystemClock() });
    const { email, displayName, hat } = options;
    const account = await accounts.createStaffAccount({
      email,
      displayName,
      password: await ask('Password (12 characters or more): '),
      hats: [hat],
    });
    stdout.write(`${email} may sign in as ${hat.role} (${account}).\n`);
    return null;
  });

const takeBack = (parameters: readonly string[]): Promise<void> =>
  runProcess(async () => {
    const { place, to } = parseRegistryBackOptions(parameters);
    const logger = createJsonLinesLogger({ clock: createSystemClock(), service: 'registry' });
    const version = await takeBackRegistry(await registryAt(place), to, logger);
    stdout.write(`The registry is at version ${version}.\n`);
    return null;
  });

const answerAboutProfiles = (parameters: readonly string[]): Promise<void> =>
  runProcess(async () => {
    const { passed, words } = await runProfileCommand(parseProfileOptions(parameters, ROOT));
    stdout.write(`${words}\n`);
    if (!passed) process.exitCode = 2;
    return null;
  });

const scan = (parameters: readonly string[]): Promise<void> =>
  runProcess(async (closing) => {
    const options = parseScanOptions(parameters, join(ROOT, 'gateway/profiles'));
    const abort = new AbortController();
    const screen = {
      isTerminal: stderr.isTTY,
      progress: (text: string) => void stderr.write(text),
      say: (text: string) => void stdout.write(text),
    };
    const scanning = runScanCommand(options, { clock: createSystemClock(), screen, signal: abort.signal });
    closing.later(async () => {
      abort.abort();
      await Promise.allSettled([scanning]);
    });
    await scanning;
    return null;
  });

const answerAboutCertificates = (parameters: readonly string[]): Promise<void> =>
  runProcess(async (closing) => {
    const clock = createSystemClock();
    const options = parseCaOptions(parameters);
    if (options.action === 'answer') {
      const authority = await openFileAuthority({ folder: options.folder, clock });
      const access = await brokerAccess(readVariables(authorityVariables, process.env));
      const logger = createJsonLinesLogger({ clock, service: 'authority' });
      const bus = createMqttBus({ ...access, clientId: 'axone-authority', clock, logger });
      closing.later(() => bus.disconnect());
      await answerRequests({ bus, authority, logger });
      return { line: { event: 'ready', mqtt: access.url } };
    }
    const said = await runCaCommand(options, {
      makeAuthority: (folder, name) => makeFileAuthority({ folder, clock }, name),
      openAuthority: (folder) => openFileAuthority({ folder, clock }),
      demand: demandCertificate,
      askClaim: () => ask('Claim: '),
      now: () => clock.civilNow(),
      platform: (baseUrl) => createFetchApiClient({ baseUrl }),
    });
    stdout.write(`${said}\n`);
    return null;
  });

const [command = 'help', ...parameters] = process.argv.slice(2);
switch (command) {
  case 'simulate':
    await runProgramme('simulators/main.ts', parameters);
    break;
  case 'user': {
    const [action, ...rest] = parameters;
    if (action === 'create') await createUser(rest);
    else stdout.write(`${USER_HELP}\n`);
    break;
  }
  case 'registry': {
    const [action, ...rest] = parameters;
    if (action === 'back') await takeBack(rest);
    else stdout.write(`${REGISTRY_HELP}\n`);
    break;
  }
  case 'backup':
  case 'restore':
    await runProgramme('cli/backup/main.ts', [command, ...parameters]);
    break;
  case 'profile':
    if (parameters.length === 0 || parameters.includes('--help')) stdout.write(`${PROFILE_HELP}\n`);
    else await answerAboutProfiles(parameters);
    break;
  case 'scan':
    if (parameters.length === 0 || parameters.includes('--help')) stdout.write(`${SCAN_HELP}\n`);
    else await scan(parameters);
    break;
  case 'ca':
    if (parameters.length === 0 || parameters.includes('--help')) stdout.write(`${CA_HELP}\n`);
    else await answerAboutCertificates(parameters);
    break;
  case 'help':
  case '--help':
    stdout.write(`${HELP}\n`);
    break;
  default:
    await runProcess(() =>
      Promise.reject(
        fault('COMMAND_UNKNOWN', {
          command,
          known: 'simulate, user create, registry back, backup, restore, profile, scan, ca, help',
        }),
      ),
    );
}
