import { setTimeout as pause } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import type { Status } from '#contract/messages/status.ts';
import { topics } from '#contract/topics.ts';
import { say } from '#test/soak/report.ts';
import { civilIn, type SharedDay } from './day-clock.ts';
import { type Absence, type DayPlan, HOUR_MS, overridesOfDay, programsOfDay, type Reboot } from './day-plan.ts';
import { type DayStage, STREET } from './day-stage.ts';
import { type MemorySample, sampleMemory } from './memory-watch.ts';
import type { Life } from './obedience.ts';

export interface LivedDay {
  readonly lives: readonly Life[];
  readonly memory: readonly MemorySample[];
  /** States of its clock that the gateway said. */
  readonly clockStates: readonly string[];
}

const SAMPLE_MS = 1000;
const DAY_HOURS = 24;
const METER = { kind: 'silent-unit', target: 'meter-republique' } as const;

const hourIn = (day: SharedDay): number => (civilIn(day) - day.civilAt) / HOUR_MS;
const hourText = (hour: number): string =>
  `${String(Math.floor(hour)).padStart(2, '0')}:${String(Math.floor((hour % 1) * 60)).padStart(2, '0')}`;

const untilHour = (day: SharedDay, hour: number): Promise<void> =>
  pause(Math.max(0, ((hour - hourIn(day)) * HOUR_MS) / day.speed));

/** One client that is what control is to a gateway: gives it its documents, hears its status. */
const joinCentre = async ({ broker, listener }: DayStage, day: SharedDay) => {
  const client: MqttClient = connect(broker.url, { ...listener, clientId: 'centre' });
  const states = new Set<string>();
  client.on('message', (_topic, payload) => {
    const status = JSON.parse(payload.toString()) as Status;
    if (status.state === 'online') states.add(status.clock.state);
  });
  await client.subscribeAsync(topics.status(STREET), { qos: 1 });
  const give = (name: 'programs' | 'overrides', document: object) =>
    client.publishAsync(topics.document(STREET, name), JSON.stringify(document), { qos: 1, retain: true });
  await give('programs', programsOfDay());
  await give('overrides', overridesOfDay(day.civilAt));
  return { states, leave: () => client.endAsync(true) };
};

/** Runs of the gateway between its reboots, from the beginning of the day to its end. */
const liveThroughReboots = async (stage: DayStage, day: SharedDay, reboots: readonly Reboot[]): Promise<readonly Life[]> => {
  const lives: Life[] = [];
  const start = async (unknownMs: number): Promise<{ from: number; knownFrom: number }> => {
    stage.unknownMs = unknownMs;
    await stage.gateway.start();
    const from = civilIn(day);
    return { from, knownFrom: from + unknownMs * day.speed };
  };
  let current = await start(0);
  for (const { fromHour, toHour, unknownMs } of reboots) {
    await untilHour(day, fromHour);
    lives.push({ ...current, to: civilIn(day) });
    await stage.gateway.stop();
    say(`${hourText(fromHour)}  the gateway is cut off until ${hourText(toHour)}${unknownMs > 0 ? ', and wakes in 1970' : ''}`);
    await untilHour(day, toHour);
    current = await start(unknownMs);
  }
  await untilHour(day, DAY_HOURS);
  return [...lives, { ...current, to: civilIn(day) }];
};

const during = async (
  day: SharedDay,
  { fromHour, toHour }: Absence,
  what: string,
  begin: () => void,
  end: () => void,
): Promise<void> => {
  await untilHour(day, fromHour);
  say(`${hourText(fromHour)}  ${what} until ${hourText(toHour)}`);
  begin();
  await untilHour(day, toHour);
  end();
};

const watchMemory = async (stage: DayStage, isOver: AbortSignal): Promise<readonly MemorySample[]> => {
  const samples: MemorySample[] = [];
  while (!isOver.aborted) {
    const sample = stage.gateway.isStarted() ? await sampleMemory(stage.gateway.current().pid) : null;
    if (sample !== null) samples.push(sample);
    await pause(SAMPLE_MS, undefined, { signal: isOver }).catch(() => undefined);
  }
  return samples;
};

/** Lives the day to its end; what was read is then acknowledged. */
export const liveDay = async (stage: DayStage, day: SharedDay, plan: DayPlan): Promise<LivedDay> => {
  const centre = await joinCentre(stage, day);
  const isOver = new AbortController();
  const memory = watchMemory(stage, isOver.signal);
  const { cable, field } = stage;
  try {
    const [lives] = await Promise.all([
      liveThroughReboots(stage, day, plan.reboots),
      ...plan.cuts.map((cut) => during(day, cut, 'the network is cut', cable.cut, cable.restore)),
      during(
        day,
        plan.silence,
        'the meter is silent',
        () => field.inject(METER),
        () => field.clear(METER),
      ),
    ]);
    say('the day is over; waiting until everything is acknowledged');
    process.kill(stage.gateway.current().pid, 'SIGUSR2');
    await stage.gateway.current().line('drained', 120_000);
    isOver.abort();
    return { lives, memory: await memory, clockStates: [...centre.states] };
  } finally {
    isOver.abort();
    await centre.leave();
  }
};
