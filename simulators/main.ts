import { createInterface } from 'node:readline';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { createFileShelf } from '#adapters/document-shelf/files.ts';
import { createJsonLinesLogger } from '#adapters/logger/json-lines.ts';
import { Fault } from '#contract/errors.ts';
import { FIELD_HELP, type FieldArguments, parseFieldArguments } from './arguments.ts';
import { createField, type Field } from './index.ts';
import { describeListening } from './listening-table.ts';
import { COMMAND_HELP, obeyFieldCommand } from './scenarios/field-command.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const composeField = async ({
  host,
  streetPort,
  buildingPort,
  civilStart,
  speed,
  dataFolder,
}: FieldArguments): Promise<Field> => {
  const clock = createSystemClock({ speed, ...(civilStart === null ? {} : { civilStart }) });
  return createField({
    clock,
    logger: createJsonLinesLogger({ clock, service: 'simulators' }),
    shelf: dataFolder === null ? null : await createFileShelf(dataFolder),
    street: { host, port: streetPort },
    building: { host, port: buildingPort },
  });
};

const obeyLines = (field: Field): void => {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    try {
      const answer = obeyFieldCommand(field, line);
      if (answer !== null) say(answer);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      say(thrown.message);
    }
  });
};

const stopOnSignal = (field: Field): void => {
  const stop = (): void => {
    void field.stop().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
};

const run = async (options: FieldArguments): Promise<void> => {
  const field = await composeField(options);
  await field.start();
  say(describeListening(field.listening()));
  say(COMMAND_HELP);
  say(JSON.stringify({ event: 'listening', sites: field.listening() }));
  obeyLines(field);
  stopOnSignal(field);
};

try {
  const options = parseFieldArguments(process.argv.slice(2));
  if (options.help) say(FIELD_HELP);
  else await run(options);
} catch (thrown) {
  if (!(thrown instanceof Fault)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exit(2);
}
