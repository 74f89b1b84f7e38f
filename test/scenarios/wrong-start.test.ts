import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProcess } from '#test/services/start-process.ts';
import { until } from '#test/services/until.ts';
import { startPlatform, temporaryFolder } from './platform.ts';

const DEMONSTRATION = join(import.meta.dirname, '../../deploy/demo');
const START_PATIENCE_MS = 20_000;
/** Several starts, one after the other, on a machine that other tests share. */
const SEVERAL_STARTS_MS = 90_000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A start that must not succeed: what it said, and how it ended. */
const start = (...parameters: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, ['main.ts', ...parameters], { timeout: START_PATIENCE_MS }, (failure, stdout, stderr) => {
      resolve({ code: failure === null ? 0 : typeof failure.code === 'number' ? failure.code : null, stdout, stderr });
    });
  });

/** Log lines are for programmes; a person reads the others. */
const sentences = (stderr: string): readonly string[] =>
  stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

const expectOneSentence = ({ code, stdout, stderr }: Ended, sentence: RegExp): void => {
  expect(sentences(stderr)).toEqual([expect.stringMatching(sentence)]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
};

describe('a start that is wrong is one sentence with its code, and exit code 2', { timeout: SEVERAL_STARTS_MS }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...names: string[]): string => join(folder.path, ...names);

  /** The demonstration's own file with some of its lines changed, beside the files that it names. */
  const configuration = async (name: string, change: (text: string) => string): Promise<string> => {
    const text = await readFile(join(DEMONSTRATION, 'axone.yaml'), 'utf8');
    const absolute = text.replaceAll(/(assets|gateway-\w+)\.yaml/g, (file) => join(DEMONSTRATION, file));
    await writeFile(at(name), change(absolute));
    return at(name);
  };
  const realField = (): Promise<string> =>
    configuration('real.yaml', (text) => text.replace('field: simulated', 'field: real').replace(/gateways:\n(?: {2}.*\n)+/, ''));

  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  test('a wrong line of the configuration is named with its file, line and path', async () => {
    const file = await configuration('wrong.yaml', (text) => text.replace('  port: 8080', '  port: eighty'));
    const line = (await readFile(file, 'utf8')).split('\n').findIndex((text) => text.includes('eighty')) + 1;
    expectOneSentence(
      await start('--config', file),
      new RegExp(`^CONFIG_INVALID: .*wrong\\.yaml, line ${line}, at \\$\\.http\\.port: .+`),
    );
  });

  test('a configuration that is not YAML, and one that is not there', async () => {
    await writeFile(at('broken.yaml'), 'field: [simulated\n');
    expectOneSentence(await start('--config', at('broken.yaml')), /^CONFIG_INVALID: .*broken\.yaml, line \d+, /);
    expectOneSentence(await start('--config', at('absent.yaml')), /^CONFIG_UNREADABLE: .*absent\.yaml cannot be read: ENOENT/);
  });

  test('a profile that a gateway’s file names and nobody knows', async () => {
    const gateway = await readFile(join(DEMONSTRATION, 'gateway-republique.yaml'), 'utf8');
    await writeFile(at('gateway.yaml'), gateway.replace('profile: axone-demo-cabinet', 'profile: carriage-lamp'));
    const line = gateway.split('\n').findIndex((text) => text.includes('axone-demo-cabinet')) + 1;
    const file = await configuration('profile.yaml', (text) => text.replace(/- .*gateway-republique\.yaml/, '- gateway.yaml'));
    const ended = await start('--config', file, '--port', '0', '--data', at('profile'));
    expectOneSentence(
      ended,
      new RegExp(`^CONFIG_INVALID: .*gateway\\.yaml, line ${line}, at buses\\.0\\.devices\\.1\\.profile: .*carriage-lamp`),
    );
  });

  test('an option that does not exist, and values that are not right', async () => {
    expectOneSentence(await start('--brightness', '100'), /^OPTION_INVALID: .*--brightness/);
    expectOneSentence(
      await start('--port', 'http'),
      /^OPTION_INVALID: Option --port: "http" is not a whole number from 0 to 65535/,
    );
    expectOneSentence(await start('--at', 'tomorrow'), /^OPTION_INVALID: Option --at: "tomorrow" is not a local time/);
    expectOneSentence(await start('--at', '2026-02-30T12:00'), /^OPTION_INVALID: Option --at: /);
    expectOneSentence(
      await start('--config', await realField(), '--data', at('none'), '--speed', '60'),
      /^OPTION_INVALID: Option --at and --speed: a real field has the world’s clock/,
    );
  });

  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const ended = await start('--config', await realField(), '--port', String(port), '--data', at('port'));
    expectOneSentence(
      ended,
      new RegExp(`^PORT_IN_USE: 127\\.0\\.0\\.1:${port} \\(HTTP\\) is already used by another programme\\. .*--port\\.$`),
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test('a data folder that is a file', async () => {
    await writeFile(at('file'), '');
    expectOneSentence(await start('--data', at('file')), /^DATA_FOLDER_UNWRITABLE: The data folder .*file cannot be written: /);
  });

  test('a folder of a real field opened as a simulated one, and in use by another process', async () => {
    const real = startProcess({
      file: 'main.ts',
      parameters: ['--config', await realField(), '--port', '0', '--data', at('real')],
    });
    const ready = await real.line('ready', START_PATIENCE_MS);
    expect(ready).toMatchObject({ accounts: [], modbus: [] });
    expectOneSentence(
      await start('--data', at('real'), '--port', '0'),
      new RegExp(`^DATA_FOLDER_IN_USE: The data folder .*real is in use by process ${real.pid}\\.`),
    );
    expect(await real.stop()).toBe(0);
    expectOneSentence(
      await start('--data', at('real'), '--port', '0'),
      /^DATA_FOLDER_OTHER_FIELD: The data folder .*real belongs to a real field and this start is for a simulated field\./,
    );
  });

  test('a folder of a simulated field opened as a real one, or under a clock that is before its readings', async () => {
    const platform = await startPlatform(['--at', '2031-06-21T00:10', '--data', at('simulated')]);
    const health = `${platform.portal}/health`;
    await until('readings were kept', async () => /"readings":[1-9]/.test(await (await fetch(health)).text()));
    expect(await platform.process.stop()).toBe(0);
    expectOneSentence(
      await start('--data', at('simulated'), '--port', '0'),
      /^CLOCK_BEFORE_DATA: The clock says 20\d\d-.* but the data folder .*simulated holds readings up to 2031-06-20T22:/,
    );
    expectOneSentence(
      await start('--config', await realField(), '--data', at('simulated'), '--port', '0'),
      /^DATA_FOLDER_OTHER_FIELD: .* belongs to a simulated field and this start is for a real field\./,
    );
  });

  test('a folder that a newer version wrote', async () => {
    await mkdir(at('newer'));
    await writeFile(at('newer', 'stamp.json'), JSON.stringify({ layout: 2, field: 'simulated' }));
    expectOneSentence(
      await start('--data', at('newer')),
      /^DATA_FOLDER_NEWER: .* was written by a newer version \(2; this one knows 1\)\./,
    );
    await writeFile(at('newer', 'stamp.json'), JSON.stringify({ layout: 3, field: 'simulated', rooms: ['attic'] }));
    expectOneSentence(
      await start('--data', at('newer')),
      /^DATA_FOLDER_NEWER: .* was written by a newer version \(3; this one knows 1\)\./,
    );
  });

  test('a folder whose stamp is damaged', async () => {
    await mkdir(at('damaged'));
    await writeFile(at('damaged', 'stamp.json'), '{"layout": 1, "fie');
    expectOneSentence(
      await start('--data', at('damaged')),
      /^DATA_FOLDER_DAMAGED: The stamp of the data folder .*damaged cannot be read: /,
    );
  });
});
