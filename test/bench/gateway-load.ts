import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Telemetry } from '#contract/messages/telemetry.ts';
import { startProcess } from '#test/services/start-process.ts';
import { memoryFigures } from '#test/soak/day/memory-watch.ts';
import { type BenchRow, row } from './bench.ts';
import { BENCH_GATEWAY, startGatewayProcess } from './gateway-process.ts';
import type { MeteredLines } from './metered-lines.ts';
import { processFigures, residentMb } from './process-tree.ts';

/** A building behind 25 device servers: on each 16 meters of one phase (9 values) and 4 of three (14 values). */
const LINES = 25;
const UNITS_OF_A_LINE = [
  ...Array.from({ length: 16 }, () => 'eastron-sdm120'),
  'carlo-gavazzi-em24-e1',
  'carlo-gavazzi-em24-e1',
  'abb-b21-b23-b24',
  'socomec-countis-e23-e24-e27-e28',
];
const DEVICES = LINES * UNITS_OF_A_LINE.length;
const VALUES_A_SECOND = LINES * (16 * 9 + 4 * 14);
const TURNAROUND_MS = 5;

/** V8 goes on compiling what runs seldom for minutes. */
const WARM_UP_MS = 300_000;
const LENGTH_MS = 600_000;
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 1000;
/** A reading of one second may come in the next. */
const MARGIN_SECONDS = 3;

/** What came, by the second in which it was read. */
class Arrivals {
  readonly #values = new Map<number, number>();
  readonly #seen = new Set<number>();
  doubtful = 0;

  take({ seq, readings }: Telemetry): void {
    if (this.#seen.has(seq)) return;
    this.#seen.add(seq);
    for (const { at, values, quality = {} } of readings) {
      const second = Math.floor(Date.parse(at) / 1000);
      const known = Object.values(values).filter((value) => value !== null).length;
      this.#values.set(second, (this.#values.get(second) ?? 0) + known);
      this.doubtful += Object.values(quality).filter((each) => each === 'doubtful').length;
    }
  }

  /** Of the seconds from one on, up to another, which is not counted. */
  between(from: number, to: number): readonly number[] {
    return Array.from({ length: to - from }, (_each, index) => this.#values.get(from + index) ?? 0);
  }
}

const startField = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'axone-bench-field-'));
  const file = join(folder, 'lines.json');
  const field: MeteredLines = { lines: Array.from({ length: LINES }, () => UNITS_OF_A_LINE), turnaroundMs: TURNAROUND_MS };
  await writeFile(file, JSON.stringify(field));
  const program = startProcess({ file: join(import.meta.dirname, 'metered-lines.ts'), parameters: [file] });
  const { ports } = (await program.line('ready')) as unknown as { readonly ports: readonly number[] };
  const stop = async (): Promise<void> => {
    await program.stop();
    await rm(folder, { recursive: true });
  };
  return { ports, stop };
};

const busesOf = (ports: readonly number[]): readonly object[] =>
  ports.map((port, line) => ({
    id: `bus-${line}`,
    host: '127.0.0.1',
    port,
    devices: UNITS_OF_A_LINE.map((profile, index) => ({
      device: `meter-${line}-${index}`,
      profile,
      unitId: index + 1,
      point: `point-${line}-${index}`,
    })),
  }));

interface Look {
  readonly atMs: number;
  readonly cpuSeconds: number;
  readonly residentMb: number;
}

const look = async (pid: number): Promise<Look> => {
  const figures = await processFigures(pid);
  if (figures === null) throw new Error('the gateway has ended');
  return { atMs: performance.now(), cpuSeconds: figures.cpuSeconds, residentMb: await residentMb(pid) };
};

/** Of the straight line that fits best, a unit of `y` a unit of `x`. */
const slopeOf = (points: readonly { readonly x: number; readonly y: number }[]): number => {
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  return mean((point) => (point.x - x) * (point.y - y)) / mean((point) => (point.x - x) ** 2);
};

const sharePercent = (from: Look, to: Look): number => (100_000 * (to.cpuSeconds - from.cpuSeconds)) / (to.atMs - from.atMs);

/** Each minute's share of a core. */
const minutesOf = (looks: readonly Look[]): readonly number[] => {
  const ends = looks.filter(({ atMs }, index) => {
    const began = looks[0]?.atMs ?? 0;
    return (
      index === 0 || Math.floor((atMs - began) / MINUTE_MS) > Math.floor(((looks[index - 1]?.atMs ?? 0) - began) / MINUTE_MS)
    );
  });
  return ends.slice(1).flatMap((to, index) => {
    const from = ends[index];
    return from === undefined ? [] : [sharePercent(from, to)];
  });
};

const watch = async (pid: number, say: (text: string) => void): Promise<readonly Look[]> => {
  const looks = [await look(pid)];
  const endsAt = performance.now() + LENGTH_MS;
  let saidAt = performance.now();
  while (performance.now() < endsAt) {
    await pause(LOOK_EVERY_MS);
    const now = await look(pid);
    looks.push(now);
    if (now.atMs - saidAt < MINUTE_MS) continue;
    const from = looks.find(({ atMs }) => atMs >= saidAt) ?? now;
    say(
      `${Math.round((endsAt - now.atMs) / 1000)} s to go: ${sharePercent(from, now).toFixed(1)} % of a core, ${now.residentMb.toFixed(1)} MB`,
    );
    saidAt = now.atMs;
  }
  return looks;
};

const rowsOf = (looks: readonly Look[], values: readonly number[], doubtful: number): readonly BenchRow[] => {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const share = sharePercent(first, last);
  const arrived = values.reduce((sum, each) => sum + each, 0) / values.length;
  const growth = slopeOf(looks.map(({ atMs, residentMb: y }) => ({ x: atMs / LENGTH_MS, y })));
  const samples = looks.map(({ atMs: at, residentMb: rssMiB }) => ({ at, pid: 0, rssMiB }));
  const leftGrowth = memoryFigures(samples).slopeMiBPer10Minutes ?? Number.NaN;
  return [
    row(`values read, kept, sent and acknowledged, of ${DEVICES} devices`, 'values/s', null, [arrived]),
    row(`values that did not arrive, of ${VALUES_A_SECOND} a second`, 'values', 0, [
      values.reduce((sum, each) => sum + VALUES_A_SECOND - each, 0),
    ]),
    row('values flagged doubtful', 'values', 0, [doubtful]),
    row('processor of the gateway, minute by minute', '% of a core', 30, minutesOf(looks)),
    row('values a second for each core', 'values/s', null, [(100 * arrived) / share]),
    row('memory of the gateway, highest', 'MB', 150, [Math.max(...looks.map((each) => each.residentMb))]),
    row('growth of its memory in 10 minutes', 'MB', 1, [growth]),
    row('growth of its memory in 10 minutes, by what garbage leaves', 'MB', 1, [leftGrowth]),
  ];
};

/** 500 devices, 5,000 values a second, for 15 minutes of which the last ten are measured. */
export const measureLoad = async (say: (text: string) => void): Promise<readonly BenchRow[]> => {
  const field = await startField();
  const arrivals = new Arrivals();
  const gateway = await startGatewayProcess(busesOf(field.ports), (batch) => arrivals.take(batch));
  try {
    say(`${DEVICES} devices of ${BENCH_GATEWAY}, ${VALUES_A_SECOND} values a second: warming up for ${WARM_UP_MS / 1000} s`);
    await pause(WARM_UP_MS);
    const from = Math.ceil(Date.now() / 1000);
    const looks = await watch(gateway.pid, say);
    const to = Math.floor(Date.now() / 1000);
    await pause(MARGIN_SECONDS * 1000);
    return rowsOf(looks, arrivals.between(from, to), arrivals.doubtful);
  } finally {
    await gateway.stop();
    await field.stop();
  }
};
