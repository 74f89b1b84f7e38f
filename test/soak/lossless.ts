import { runTrial } from './chain/trial.ts';
import { readTrialArguments } from './chain/trial-options.ts';
import { type TrialReport, trialMarkdown } from './chain/verdict-report.ts';
import { circumstances, keepReport, say } from './report.ts';
import type { Soak } from './soak.ts';

/** An hour at 1,000 values/s: ten batches of 25 readings of 4 values a second. */
const HOUR_OF_VALUES = 3_600_000;
const BATCH_MS = 100;
const POINTS = 25;
const VALUES_A_BATCH = 100;
/** The past is lived again ten times as fast. */
const BATCHES_PER_SECOND = 100;

const STORY = `An hour at 1,000 values/s is lived again, ten times as fast, through the real outbox, segment log and MQTT link of a gateway process,
Mosquitto as Debian configures it (\`persistence true\`, saved every 1800 s), and ingest. Gateway and Mosquitto are ended by kill -9, each
at moments of its own that the seed decides; the store is shut for moments too (SQLite: another writer holds it; InfluxDB: kill -9). A value counts from the moment the gateway's append resolved, which it swears in a file of its own.`;

export const soak: Soak = {
  summary:
    '3.6 million values while gateway and broker are killed: none lost, none doubled (about 12 minutes; --seed, --store, --values)',
  async run(options) {
    const { seed, store, values } = readTrialArguments(options, {
      seed: 1,
      store: 'sqlite',
      minutes: 0,
      values: HOUR_OF_VALUES,
    });
    const batches = Math.ceil(values / VALUES_A_BATCH);
    const conditions = await circumstances();
    const verdict = await runTrial({
      seed,
      store,
      say,
      batchesPerSecond: BATCHES_PER_SECOND,
      replay: { startsAt: Date.now() - batches * BATCH_MS, batches, batchMs: BATCH_MS, points: POINTS },
      victims: {
        gateway: { life: [4000, 20_000], absence: [200, 4000] },
        broker: { life: [6000, 30_000], absence: [300, 15_000] },
        store: { life: [10_000, 40_000], absence: [200, 3000] },
      },
    });
    const name = store === 'sqlite' ? 'lossless' : `lossless-${store}`;
    const report: TrialReport = { soak: name, seed, store, ...conditions, ...verdict };
    await keepReport(name, report, trialMarkdown('nothing lost, nothing doubled', STORY, report));
    return verdict.holds;
  },
};
