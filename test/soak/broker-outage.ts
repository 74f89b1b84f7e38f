import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_SEED } from '#simulators/index.ts';
import { ROOT } from '#test/scenarios/places.ts';
import { countWhenArrived, instantsInStore, pointClassesOf, type TurnCount } from '#test/scenarios/reading-turns.ts';
import { prepareTopology, type Topology } from '#test/scenarios/topology.ts';
import { type Circumstances, circumstances, circumstancesText, keepReport, say } from './report.ts';
import type { Soak } from './soak.ts';

const OUTAGE_MS = 120_000;
const BEFORE_MS = 20_000;
const AFTER_MS = 20_000;
const PATIENCE_MS = 180_000;
const PROGRESS_MS = 10_000;
const GATEWAYS = ['gateway-republique', 'gateway-tilleuls'];

interface Report extends Circumstances {
  readonly soak: 'broker-outage';
  readonly seed: number;
  readonly brokerStoppedAt: string;
  readonly brokerBackAt: string;
  readonly outageSeconds: number;
  /** From the broker's return until every reading of the outage was in the store. */
  readonly drainSeconds: number;
  readonly counts: readonly TurnCount[];
  readonly holds: boolean;
}

const waitSaying = async (what: string, lengthMs: number): Promise<void> => {
  const end = performance.now() + lengthMs;
  for (let left = lengthMs; left > 0; left = end - performance.now()) {
    say(`${what}: ${Math.ceil(left / 1000)} s to go`);
    await pause(Math.min(left, PROGRESS_MS));
  }
};

const measure = async (topology: Topology): Promise<Report> => {
  const conditions = await circumstances();
  say('starting Mosquitto, InfluxDB, the simulated field and five services');
  await topology.start('mosquitto', 'influxdb', 'postgresql', 'simulators');
  await topology.start('control', 'ingest');
  await topology.start('dashboards', ...GATEWAYS);
  const store = await topology.influxdb('axone', 'influxdb-password');
  const classes = await pointClassesOf(GATEWAYS.map((name) => join(ROOT, 'deploy/compose', `${name}.yaml`)));
  const readInstants = (window: { from: number; to: number }) => instantsInStore(store, 'axone', window);
  await waitSaying('all is ready, measuring', BEFORE_MS);

  const stoppedAt = Date.now();
  await topology.container('mosquitto').stop();
  await waitSaying('Mosquitto is stopped', OUTAGE_MS);
  await topology.start('mosquitto');
  const backAt = Date.now();
  say('Mosquitto is back');
  await countWhenArrived(classes, readInstants, { from: stoppedAt, to: backAt }, PATIENCE_MS);
  const drainedAt = Date.now();
  say(`the outage has drained in ${((drainedAt - backAt) / 1000).toFixed(1)} s`);
  await waitSaying('and goes on', AFTER_MS);

  // what was on its way when the broker went, and what followed its return, counts too
  const window = { from: stoppedAt - BEFORE_MS / 2, to: drainedAt + AFTER_MS / 2 };
  const counts = await countWhenArrived(classes, readInstants, window, PATIENCE_MS);
  return {
    soak: 'broker-outage',
    ...conditions,
    seed: DEFAULT_SEED,
    brokerStoppedAt: new Date(stoppedAt).toISOString(),
    brokerBackAt: new Date(backAt).toISOString(),
    outageSeconds: Math.round((backAt - stoppedAt) / 100) / 10,
    drainSeconds: Math.round((drainedAt - backAt) / 100) / 10,
    counts,
    holds: counts.every(({ expected, arrived, duplicates }) => expected > 0 && arrived === expected && duplicates === 0),
  };
};

const markdown = (report: Report): string => `# Soak: the broker is away for two minutes

The services of docker-compose.yml as separate processes, real Mosquitto and InfluxDB, simulated field (seed ${report.seed}).
Mosquitto was stopped for ${report.outageSeconds} s on ${report.brokerStoppedAt}. ${circumstancesText(report)}

| points | readings expected | arrived | twice |
|---|---:|---:|---:|
${report.counts.map((count) => `| ${count.class} | ${count.expected} | ${count.arrived} | ${count.duplicates} |`).join('\n')}

A reading is expected at each turn of its period (multiples of it since 1970), and arrived when the store holds it with an
instant of that turn. After the broker's return the outage had drained in ${report.drainSeconds} s, of which up to 60 s may be the
wait before a gateway tries its connection again.

${report.holds ? 'Every reading of those minutes arrived with its own instant, once.' : 'It did NOT hold.'}
`;

export const soak: Soak = {
  summary: 'Mosquitto stopped for 2 minutes: every reading arrives with its own instant, once (about 5 minutes)',
  async run() {
    const topology = await prepareTopology({ AXONE_FIELD: 'simulated' });
    try {
      const report = await measure(topology);
      await keepReport('broker-outage', report, markdown(report));
      return report.holds;
    } finally {
      await topology.stop();
    }
  },
};
