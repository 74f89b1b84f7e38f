import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, LAMPS, openBench, programsDocument, testConfiguration } from './gateway-under-test.ts';
import { type ScriptedRequest, type ScriptedServer, startScriptedServer } from './modbus/scripted-server.ts';

let bench: Bench;
let server: ScriptedServer;
let registers: Map<number, number>;
/** Writes received, as `address=value`. */
let writes: string[];

/** A gateway of lamps that keeps what is written; `shows` says where a level written is then read. */
const openKeeper = async (shows: (address: number) => number): Promise<void> => {
  registers = new Map();
  writes = [];
  const answer = ({ functionCode, address, count, pdu, reply }: ScriptedRequest): void => {
    if (functionCode <= 2) return reply([functionCode, 1, 1]);
    if (functionCode <= 4) {
      const words = Array.from({ length: count }, (_each, index) => registers.get(address + index) ?? 0);
      return reply([functionCode, count * 2, ...words.flatMap((word) => [word >> 8, word & 0xff])]);
    }
    writes.push(`${address}=${count}`);
    if (functionCode !== 5) registers.set(shows(address), count);
    return reply([...pdu]);
  };
  server = await startScriptedServer(answer);
};

const bootWith = async (profile: string): Promise<void> => {
  const [device = ''] = LAMPS;
  const { port } = server;
  const devices = [{ device, profile, unitId: 3, channel: 1, point: `point-${device}` }];
  await bench.centre.document('programs', programsDocument(1, 50));
  const buses = [{ id: 'bus-test', host: '127.0.0.1', port, devices }];
  await bench.boot(testConfiguration(port, { buses, groups: [], failSafe: { program: false } }));
};

beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
  await server.close();
});

describe('half of full light, on devices that count levels otherwise', () => {
  test.each([
    ['intesis-dali-64', ['115=50'], (address: number) => address - 9],
    ['arlight-dali-logic-lite', ['257=229'], (address: number) => address + 2304],
    ['bacmove-dalion', ['1=128'], (address: number) => address],
    ['homemaster-dim-420-r1', ['441=500'], (address: number) => address],
    // Then its switch: without it the level gives no light, and before it a former level would.
    ['wirenboard-wb-mdm3', ['1=50', '1=65280'], (address: number) => address],
  ])('%s is written as %j, once: what it then says is the same to it', async (profile, written, shows) => {
    await openKeeper(shows);
    await bootWith(profile);
    await bench.advanceUntil('the level is written', () => writes.length > 0);
    await bench.advance(60_000);
    expect(writes).toEqual(written);
    const asked = bench.centre.telemetry.flatMap(({ readings }) => readings).at(-1)?.values.commandedLevelPercent;
    expect(asked).toBe(50);
  });
});
