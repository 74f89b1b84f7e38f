import { readFile } from 'node:fs/promises';
import { createSystemClock } from '#adapters/clock/system-clock.ts';
import { silentLogger } from '#adapters/logger/silent.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { createModbusServer } from '#simulators/modbus-server/modbus-server.ts';
import { profiledUnit } from './profiled-unit.ts';

/** `node metered-lines.ts FILE`: a process of its own, so that what the field takes is not counted as the gateway's. */

/** What the file says. */
export interface MeteredLines {
  /** Profiles of units 1, 2, 3… of each line. */
  readonly lines: readonly (readonly string[])[];
  /** How long each unit takes to answer. */
  readonly turnaroundMs: number;
}

const clock = createSystemClock();
const { lines, turnaroundMs } = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as MeteredLines;
const profiles = await loadProfiles();
const seconds = (): number => performance.now() / 1000;

const startLine = async (units: readonly string[]) => {
  const server = createModbusServer({
    clock,
    logger: silentLogger,
    host: '127.0.0.1',
    port: 0,
    use: 'a line of meters',
    portOption: '',
    units: new Map(
      units.map((name, index) => {
        const profile = profiles.get(name);
        if (profile === undefined) throw new Error(`no profile ${name}`);
        return [index + 1, profiledUnit(profile, { seconds })];
      }),
    ),
    beforeRequest: () => undefined,
  });
  await server.start();
  for (const index of units.keys()) server.conduct(index + 1, { kind: 'late', delayMs: turnaroundMs });
  return server;
};

const servers = await Promise.all(lines.map(startLine));
process.stdout.write(`${JSON.stringify({ event: 'ready', ports: servers.map((server) => server.port()) })}\n`);
