import { type Circumstances, circumstancesText } from '#test/soak/report.ts';
import type { StoreName } from './stage.ts';
import type { Verdict } from './trial.ts';

export interface TrialReport extends Circumstances, Verdict {
  readonly soak: string;
  readonly seed: number;
  readonly store: StoreName;
}

const STORES: Readonly<Record<StoreName, string>> = { sqlite: 'SQLite', influxdb: 'InfluxDB' };

const count = (number: number): string => number.toLocaleString('en');

const executionLines = ({ executions }: Verdict): string =>
  [...Map.groupBy(executions, ({ victim }) => victim)]
    .map(([victim, own]) => {
      const absences = own.map(({ absentMs }) => absentMs / 1000);
      return `| ${victim} | ${own.length} | ${Math.min(...absences).toFixed(1)} to ${Math.max(...absences).toFixed(1)} s |`;
    })
    .join('\n');

/** `title` and `story`: what was done, in a line and in a few. */
export const trialMarkdown = (title: string, story: string, report: TrialReport): string => {
  const { comparison, ingest, broken } = report;
  return `# Soak: ${title}

${story}
Store ${STORES[report.store]}, seed ${report.seed}. ${circumstancesText(report)}

| values that the gateway made durable | found | lost | doubled | wrong | invented |
|---:|---:|---:|---:|---:|---:|
| ${count(comparison.expected)} | ${count(comparison.found)} | ${comparison.lost} | ${comparison.doubled} | ${comparison.wrong} | ${comparison.invented} |

| taken away | times | for |
|---|---:|---|
${executionLines(report)}

- Fed in ${report.feedSeconds} s, all acknowledged ${report.drainSeconds} s later.
- At each of ${report.killsChecked} kills of the gateway, every batch that it had sworn to be durable was in its segment files or in the store
  (${count(report.batchesFoundOnDisk)} were found in the files), read before it started again.
- ${count(report.acksChecked)} acknowledgements over ${count(report.batchesAcknowledgedUnderWatch)} batches were checked beside the gateway: what they cover was looked for in the
  store when they came (${count(report.acksPassedOver)} more came during such a look).
- Gaps declared by the gateway: ${report.gapsDeclared}. Conflicts in ingest's last run: ${ingest['conflicts']}. Batches it was given: ${count(ingest['batches'] ?? 0)}.
- Largest memory of the gateway: ${report.largestRssMiB.gateway} MiB.

${report.holds ? 'Every value is there once, as it was read.' : `It did NOT hold.\n\n${[...comparison.examples, ...broken].map((line) => `- ${line}`).join('\n')}`}
`;
};
