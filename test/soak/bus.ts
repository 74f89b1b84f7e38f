import { loadavg } from 'node:os';
import { encodeRead } from '#gateway/modbus/requests.ts';
import { encodeRtu, readAnswer } from '#gateway/modbus/rtu-frames.ts';
import { type HeldUp, listeningHeldUp, notHeldUp, threadsHeldUp } from '#test/gateway/modbus/held-up.ts';
import {
  randomFrom,
  type Tally,
  type Trial,
  tryCorruption,
  tryForeignBroadcasts,
  tryLateAnswers,
  trySecondMaster,
} from '#test/gateway/modbus/line-trials.ts';
import { startRawLine, startSerialLine, startTcpLine } from '#test/gateway/modbus/scripted-line.ts';
import { type Circumstances, circumstances, circumstancesText, keepReport, say } from './report.ts';
import type { Soak } from './soak.ts';

const READS = 1000;
const TIMEOUT_MS = 100;
const SEED = 1;

const LINES = { rtu: startSerialLine, 'rtu-over-tcp': startRawLine, tcp: startTcpLine } as const;
type Kind = keyof typeof LINES;
const WIRES: readonly Kind[] = ['rtu', 'rtu-over-tcp'];

interface Ordeal {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly run: (trial: Trial) => Promise<Tally>;
  readonly heldUp: HeldUp;
}

const LATE = 'answers between one and two time-outs late, one in five';

const ORDEALS: readonly Ordeal[] = [
  { name: LATE, kinds: ['rtu', 'rtu-over-tcp', 'tcp'], run: tryLateAnswers, heldUp: notHeldUp },
  { name: `${LATE}, the thread pool held up`, kinds: WIRES, run: tryLateAnswers, heldUp: threadsHeldUp },
  { name: `${LATE}, the event loop held up`, kinds: WIRES, run: tryLateAnswers, heldUp: listeningHeldUp },
  { name: 'a second master reads the same unit', kinds: WIRES, run: trySecondMaster, heldUp: notHeldUp },
  { name: 'broadcasts of another maker', kinds: WIRES, run: tryForeignBroadcasts, heldUp: notHeldUp },
  {
    name: 'every second answer corrupted: 1 to 3 bits, or a burst of up to 16',
    kinds: WIRES,
    run: tryCorruption,
    heldUp: notHeldUp,
  },
];

interface Outcome extends Tally {
  readonly ordeal: string;
  readonly line: Kind;
}

/** The lines of an ordeal, all at once. */
const undergo = async ({ name, kinds, run, heldUp }: Ordeal): Promise<readonly Outcome[]> => {
  say(`${name}: ${kinds.join(', ')}`);
  const isEnough = ({ reads }: Tally): boolean => reads >= READS;
  return Promise.all(
    kinds.map(async (line) => ({
      ordeal: name,
      line,
      ...(await run({ startLine: LINES[line], seed: SEED, timeoutMs: TIMEOUT_MS, isEnough, heldUp })),
    })),
  );
};

const NOISE_FRAMES = 5_000_000;
const CRC_VALUES = 65_536;
/** Five standard deviations of what chance makes: it gives more once in three million times. */
const MOST_PASSING = NOISE_FRAMES / CRC_VALUES + 5 * Math.sqrt(NOISE_FRAMES / CRC_VALUES);
const BYTE_VALUES = 256;

/** Random bytes behind the right unit, function and length. */
const passingNoise = (): number => {
  say(`${NOISE_FRAMES} frames of noise`);
  const random = randomFrom(SEED);
  const request = encodeRtu(7, encodeRead({ unitId: 7, table: 'holding', address: 100, count: 2 }));
  const frame = Buffer.from([7, 3, 4, 0, 0, 0, 0, 0, 0]);
  let passed = 0;
  for (let turn = 0; turn < NOISE_FRAMES; turn += 1) {
    for (let at = 3; at < frame.length; at += 1) frame[at] = Math.floor(random() * BYTE_VALUES);
    if (readAnswer(request, frame).kind === 'frame') passed += 1;
  }
  return passed;
};

const refusedText = ({ refused }: Tally): string =>
  Object.entries(refused)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ');

const soakReport = (
  conditions: Circumstances,
  outcomes: readonly Outcome[],
  passing: number,
  loads: readonly [number, number],
) => {
  const holds = outcomes.every(({ wrong, right }) => wrong === 0 && right > 0) && passing <= MOST_PASSING;
  return {
    soak: 'bus',
    seed: SEED,
    ...conditions,
    loadAverages: loads,
    timeoutMs: TIMEOUT_MS,
    outcomes,
    noise: { frames: NOISE_FRAMES, passing, expected: NOISE_FRAMES / CRC_VALUES, most: MOST_PASSING },
    holds,
  };
};

const markdown = (report: ReturnType<typeof soakReport>): string => `# Soak: a bus that goes wrong

Blocks of two registers that only their values tell apart, read with a time-out of ${report.timeoutMs} ms from pseudo-terminals, RTU
over TCP and Modbus TCP. A late answer reaches this machine before twice the time-out, whatever the load; one that would not is kept back.
Seed ${report.seed}. ${circumstancesText(report)} Load average ${report.loadAverages.map((load) => load.toFixed(1)).join(' before, ')} after.

| ordeal | line | reads | happened | right | **wrong** | refused |
|---|---|---:|---:|---:|---:|---|
${report.outcomes
  .map(
    (each) =>
      `| ${each.ordeal} | ${each.line} | ${each.reads} | ${each.tried} | ${each.right} | ${each.wrong} | ${refusedText(each)} |`,
  )
  .join('\n')}

Of ${report.noise.frames.toLocaleString('en')} frames of noise behind the right unit, function and length, ${report.noise.passing} passed for an answer;
a CRC of 16 bits lets ${report.noise.expected.toFixed(1)} pass, and chance up to ${report.noise.most.toFixed(0)}.

${report.holds ? 'No value was wrong.' : 'It did NOT hold.'}
`;

export const soak: Soak = {
  summary: 'late, corrupted and foreign frames on real lines: no wrong value in 1,000 reads of each (about 10 minutes)',
  async run() {
    const conditions = await circumstances();
    const loadBefore = loadavg()[0] ?? 0;
    const outcomes: Outcome[] = [];
    for (const ordeal of ORDEALS) outcomes.push(...(await undergo(ordeal)));
    const report = soakReport(conditions, outcomes, passingNoise(), [loadBefore, loadavg()[0] ?? 0]);
    await keepReport('bus', report, markdown(report));
    return report.holds;
  },
};
