import { setTimeout as pause } from 'node:timers/promises';
import { listenToAcks } from './ack-listener.ts';
import { type Comparison, compareStore } from './compare.ts';
import { Custody } from './custody.ts';
import { type Execution, execute } from './executioner.ts';
import { type Replay, valuesPerBatch } from './replay.ts';
import { prepareStage, type Stage, type StageOptions } from './stage.ts';
import { type Lives, type VictimName, victimOf } from './victims.ts';
import { hearTestimony } from './witness.ts';

export interface TrialOptions extends StageOptions {
  readonly seed: number;
  readonly victims: Partial<Readonly<Record<VictimName, Lives>>>;
  readonly say: (text: string) => void;
}

export interface Verdict {
  readonly comparison: Comparison;
  /** Words that were not kept: see `Custody`. */
  readonly broken: readonly string[];
  readonly executions: readonly Execution[];
  readonly killsChecked: number;
  readonly batchesFoundOnDisk: number;
  readonly acksChecked: number;
  /** That came while one before was looked at. */
  readonly acksPassedOver: number;
  readonly batchesAcknowledgedUnderWatch: number;
  /** Gaps that a gateway declared, as ingest heard them. */
  readonly gapsDeclared: number;
  readonly ingest: Readonly<Record<string, number>>;
  readonly feedSeconds: number;
  readonly drainSeconds: number;
  readonly largestRssMiB: { readonly gateway: number };
  readonly holds: boolean;
}

const PROGRESS_MS = 10_000;
const LOOK_MS = 100;
const DRAIN_PATIENCE_MS = 600_000;
const MIB = 1024 * 1024;

const largest = (text: string, field: string): number =>
  [...text.matchAll(new RegExp(`"${field}":(\\d+)`, 'g'))].reduce((most, [, figure]) => Math.max(most, Number(figure)), 0);

const figuresOfIngest = async (stage: Stage): Promise<Readonly<Record<string, number>>> => {
  const { api } = await lastReady(stage);
  const answer = (await (await fetch(`${api}/health`)).json()) as {
    services: readonly { figures?: Readonly<Record<string, number>> }[];
  };
  return answer.services[0]?.figures ?? {};
};

const lastReady = async (stage: Stage): Promise<{ api: string }> => {
  const line = stage
    .outputs('ingest')
    .split('\n')
    .findLast((text) => text.startsWith('{"event":"ready"'));
  return JSON.parse(line ?? '{}') as { api: string };
};

/** Waits for a condition that only a living gateway can bring about; says how far it is. */
const follow = async (stage: Stage, options: TrialOptions, isOver: () => boolean | Promise<boolean>): Promise<void> => {
  const { replay, say } = options;
  let saidAt = performance.now();
  for (const deadline = saidAt + DRAIN_PATIENCE_MS * 6; !(await isOver()); await pause(LOOK_MS)) {
    if (performance.now() > deadline) throw new Error('It is not over after an hour');
    if (performance.now() - saidAt < PROGRESS_MS) continue;
    saidAt = performance.now();
    const { durable } = await hearTestimony(`${stage.folder}/gateway/witness.log`);
    const depth =
      [
        ...stage
          .gateway()
          .output()
          .matchAll(/"depth":(\d+)/g),
      ].at(-1)?.[1] ?? '?';
    say(`${durable} of ${replay.batches} batches are durable at the gateway, ${depth} wait there`);
  }
};

const isFed = async ({ replay }: Replayed, stage: Stage): Promise<boolean> =>
  (await hearTestimony(`${stage.folder}/gateway/witness.log`)).durable >= replay.batches;
type Replayed = { readonly replay: Replay };

/** Resolves with whether everything was acknowledged in time. */
const drain = async (stage: Stage, options: TrialOptions): Promise<boolean> => {
  const startedAt = performance.now();
  await follow(stage, options, () => {
    if (!stage.gateway().isRunning()) throw new Error(`The gateway ended:\n${stage.outputs('gateway').slice(-4000)}`);
    return stage.gateway().output().includes('"event":"drained"') || performance.now() - startedAt > DRAIN_PATIENCE_MS;
  });
  return stage.gateway().output().includes('"event":"drained"');
};

const torment = async (stage: Stage, custody: Custody, options: TrialOptions): Promise<readonly Execution[]> => {
  const { victims, replay, say, seed } = options;
  const mercy = new AbortController();
  const named = Object.entries(victims) as readonly (readonly [VictimName, Lives])[];
  const executing = execute(
    named.map(([name, lives]) => victimOf(name, lives, stage, custody)),
    seed,
    mercy.signal,
    ({ victim, absentMs }) => say(`${victim} is taken away for ${(absentMs / 1000).toFixed(1)} s`),
  );
  const fed = follow(stage, options, () => isFed({ replay }, stage)).finally(() => mercy.abort());
  const [executions] = await Promise.all([executing, fed]);
  return executions;
};

const judge = async (stage: Stage, custody: Custody, options: TrialOptions): Promise<Verdict> => {
  const startedAt = performance.now();
  const executions = await torment(stage, custody, options);
  const fedAt = performance.now();
  options.say('everything was read; waiting until everything is acknowledged');
  const isDrained = await drain(stage, options);
  const drainedAt = performance.now();
  await custody.settled();
  options.say('comparing every value');
  const ingest = await figuresOfIngest(stage);
  await stage.ingest().kill();
  const store = await stage.openStore();
  const comparison = await compareStore(options.replay, store);
  await store.close();
  const gapsDeclared = stage.outputs('ingest').split('gap-was-declared').length - 1;
  const { lost, doubled, wrong, invented } = comparison;
  const isWhole = lost + doubled + wrong + invented === 0;
  const seconds = (ms: number): number => Math.round(ms / 100) / 10;
  return {
    comparison,
    broken: custody.broken,
    executions,
    killsChecked: custody.killsChecked,
    batchesFoundOnDisk: custody.batchesFoundOnDisk,
    acksChecked: custody.acksChecked,
    acksPassedOver: custody.acksPassedOver,
    batchesAcknowledgedUnderWatch: custody.batchesAcknowledged,
    gapsDeclared,
    ingest,
    feedSeconds: seconds(fedAt - startedAt),
    drainSeconds: seconds(drainedAt - fedAt),
    largestRssMiB: { gateway: Math.round(largest(stage.outputs('gateway'), 'rss') / MIB) },
    holds: isWhole && isDrained && custody.broken.length === 0 && gapsDeclared === 0 && ingest['conflicts'] === 0,
  };
};

/** Lives a past again through the real chain while its parts are killed, then compares the store with what was read. */
export const runTrial = async (options: TrialOptions): Promise<Verdict> => {
  const { replay, say } = options;
  say(`${replay.batches} batches of ${valuesPerBatch(replay)} values, seed ${options.seed}, store ${options.store}`);
  const stage = await prepareStage(options);
  try {
    const custody = new Custody({ replay, openStore: stage.openStore, folder: `${stage.folder}/gateway` });
    const failures: unknown[] = [];
    const stopListening = await listenToAcks({
      url: stage.broker.url,
      ...stage.listener,
      hear: (ack) => void custody.acknowledged(ack).catch((thrown: unknown) => failures.push(thrown)),
    });
    await stage.startGateway();
    const verdict = await judge(stage, custody, options);
    await stopListening();
    if (failures.length > 0) throw failures[0];
    return verdict;
  } finally {
    await stage.stop();
  }
};
