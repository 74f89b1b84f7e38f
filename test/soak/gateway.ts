import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSqliteStore } from '#adapters/time-series-store/sqlite/sqlite-store.ts';
import { addDays, civilDateOf, instant, startOfDay, timeZone } from '#domain/civil-time.ts';
import { silentLogger } from '#test/services/loggers.ts';
import { type Account, accountFor, storedDay } from './day/account.ts';
import type { SharedDay } from './day/day-clock.ts';
import { type DayPlan, planDay } from './day/day-plan.ts';
import { type DayStage, prepareDay, ROUND_SECONDS } from './day/day-stage.ts';
import { liveDay } from './day/live-day.ts';
import { type MemoryFigures, memoryFigures } from './day/memory-watch.ts';
import { checkObedience, findHoles, type Holes, type Obedience } from './day/obedience.ts';
import { hearSwornRecords } from './day/sworn-log.ts';
import { type Circumstances, circumstances, circumstancesText, keepReport, say } from './report.ts';
import type { Soak } from './soak.ts';

interface Report extends Circumstances {
  readonly soak: 'gateway';
  readonly seed: number;
  readonly speed: number;
  readonly day: string;
  readonly plan: DayPlan;
  readonly account: Account;
  readonly obedience: Obedience;
  readonly holes: Holes;
  /** Values that are said to be missing, all of them flagged; those of the meter while it was silent are among them. */
  readonly missing: number;
  readonly gapsDeclared: number;
  readonly clockStates: readonly string[];
  readonly memory: MemoryFigures;
  readonly holds: boolean;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ZONE = timeZone('Europe/Paris');

/** The last civil day that is wholly over everywhere, so that ingest finds nothing of it in the future. */
const dayToLive = (minutes: number): SharedDay => {
  const date = addDays(civilDateOf(instant(Date.now()), ZONE), -2);
  return { machineAt: Date.now(), civilAt: startOfDay(date, ZONE), speed: DAY_MS / (minutes * MINUTE_MS) };
};

const judge = async (stage: DayStage, day: SharedDay, seed: number): Promise<Omit<Report, keyof Circumstances>> => {
  const plan = planDay(seed);
  const { lives, memory, clockStates } = await liveDay(stage, day, plan);
  const gapsDeclared = stage.ingestOutput().split('gap-was-declared').length - 1;
  await stage.gateway.stop();
  await stage.stopIngest();
  say('comparing every value');
  const store = await createSqliteStore({ file: join(stage.folder, 'ingest/series.sqlite'), logger: silentLogger });
  const stored = await storedDay(store, stage.points);
  await store.close();
  const account = accountFor(await hearSwornRecords(join(stage.folder, 'gateway/sworn.log')), stored);
  const { civilAt, speed } = day;
  const obedience = checkObedience(stored, { lives, civilAt, speed });
  const holes = findHoles(stored, lives, ROUND_SECONDS * 1000 * speed);
  const nulls = stored.filter(({ value }) => value === null);
  const isFlagged = nulls.every(({ quality }) => quality === 'missing');
  const isWhole = account.lost + account.wrong + account.invented + account.readTwice === 0;
  const isObeyed = obedience.checked > 0 && obedience.wrong === 0;
  return {
    soak: 'gateway',
    seed,
    speed,
    day: new Date(civilAt).toISOString(),
    plan,
    account,
    obedience,
    holes,
    missing: nulls.length,
    gapsDeclared,
    clockStates,
    memory: memoryFigures(memory),
    holds: isWhole && isObeyed && isFlagged && holes.count === 0 && gapsDeclared === 0,
  };
};

const count = (number: number): string => number.toLocaleString('en');

const slopeText = ({ slopeMiBPer10Minutes, slopeOverSeconds }: MemoryFigures): string =>
  slopeMiBPer10Minutes === null
    ? `no run was long enough for a slope (${slopeOverSeconds} s after its first minute).`
    : `slope ${slopeMiBPer10Minutes} MiB in 10 minutes over the ${slopeOverSeconds} s of the longest run after its first minute.`;

const markdown = (report: Report): string => {
  const { account, obedience, holes, memory, plan, speed } = report;
  return `# Soak: a day of a gateway, with reboots

24 hours of the street of the demonstration, ${speed} times as fast: a gateway process over real Modbus TCP to the simulated field, Mosquitto, ingest
with SQLite. ${plan.reboots.length} kills -9 at moments that the seed decides, one of them over a switch point, one over the end of an override, one after
which the clock starts in 1970; ${plan.cuts.length} cuts of the network, the longest over the night's end; the meter silent for half an hour.
The day that begins at ${report.day}, seed ${report.seed}. ${circumstancesText(report)}

| values that the gateway swore to be durable | in the store | lost | wrong | invented | read twice |
|---:|---:|---:|---:|---:|---:|
| ${count(account.expected)} | ${count(account.found)} | ${account.lost} | ${account.wrong} | ${account.invented} | ${account.readTwice} |

- ${count(account.alsoKept)} values more were under way at a kill, and were kept.
- Levels: ${count(obedience.checked)} readings of 24 lamps were compared with what the program and the override ask at their instant, ${obedience.wrong} were wrong. The
  slowest of ${obedience.changes} changes was seen after ${obedience.slowestSeconds} s of elapsed time (a round takes ${ROUND_SECONDS} s), counted from the change or from the start that found it late.
- Rounds: every point was read in each round of each run of the gateway; ${holes.count} times nothing came for more than two rounds (longest ${holes.longest} rounds).
- ${count(report.missing)} values are missing and say so. Gaps declared: ${report.gapsDeclared}. States of its clock that the gateway said: ${report.clockStates.join(', ')}.
- Memory: ${memory.largestMiB} MiB at most; ${slopeText(memory)}

${report.holds ? 'It held.' : `It did NOT hold.\n\n${[...account.examples, ...obedience.examples, ...holes.examples].map((line) => `- ${line}`).join('\n')}`}
`;
};

export const soak: Soak = {
  summary: 'a day of the street in half an hour, with reboots and cuts (--seed, --minutes)',
  async run(options) {
    const { values } = parseArgs({ args: [...options], options: { seed: { type: 'string' }, minutes: { type: 'string' } } });
    const seed = Number(values.seed ?? 1);
    const conditions = await circumstances();
    const day = dayToLive(Number(values.minutes ?? 30));
    const stage = await prepareDay(day, seed);
    try {
      const report: Report = { ...(await judge(stage, day, seed)), ...conditions };
      await keepReport('gateway', report, markdown(report));
      return report.holds;
    } finally {
      await stage.stop();
    }
  },
};
