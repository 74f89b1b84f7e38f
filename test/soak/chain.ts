import { runTrial } from './chain/trial.ts';
import { readTrialArguments } from './chain/trial-options.ts';
import { type TrialReport, trialMarkdown } from './chain/verdict-report.ts';
import type { Lives, VictimName } from './chain/victims.ts';
import { circumstances, keepReport, say } from './report.ts';
import type { Soak } from './soak.ts';

const BATCH_MS = 100;
const POINTS = 25;
const BATCHES_PER_SECOND = 10;
const MINUTE_MS = 60_000;

const VICTIMS: Readonly<Record<VictimName, Lives>> = {
  gateway: { life: [8000, 40_000], absence: [200, 5000] },
  broker: { life: [10_000, 60_000], absence: [300, 15_000] },
  ingest: { life: [8000, 40_000], absence: [200, 10_000] },
  store: { life: [10_000, 60_000], absence: [300, 3000] },
  'gateway-cable': { life: [10_000, 60_000], absence: [500, 10_000] },
  'ingest-cable': { life: [10_000, 60_000], absence: [500, 10_000] },
};
const STORY = `1,000 values/s go through the real outbox, segment log and MQTT link of a gateway process, Mosquitto as Debian configures it, ingest and the
store, all ended by kill -9 (SQLite, which is in ingest's process, is held by another writer), while the cables on both sides of the broker are pulled out or fall silent, each at moments of its own that
the seed decides. A value counts from the moment the gateway's append resolved, which it swears in a file of its own.`;

export const soak: Soak = {
  summary: 'every part of the chain killed, both cables cut: every value once (30 minutes; --minutes, --seed, --store)',
  async run(options) {
    const { seed, store, minutes } = readTrialArguments(options, { seed: 1, store: 'sqlite', minutes: 30, values: 0 });
    const batches = Math.ceil((minutes * MINUTE_MS) / BATCH_MS);
    const conditions = await circumstances();
    const verdict = await runTrial({
      seed,
      store,
      say,
      batchesPerSecond: BATCHES_PER_SECOND,
      replay: { startsAt: Date.now() - batches * BATCH_MS, batches, batchMs: BATCH_MS, points: POINTS },
      victims: VICTIMS,
    });
    const report: TrialReport = { soak: 'chain', seed, store, ...conditions, ...verdict };
    await keepReport(`chain-${store}`, report, trialMarkdown('every part of the chain is killed', STORY, report));
    return verdict.holds;
  },
};
