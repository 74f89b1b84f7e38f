import { type ErrorCode, Fault } from '#contract/errors.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { excerptOf, reasonWithout } from '../quarantine/excerpt.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { CheckedBatch } from '../write/batch.ts';
import type { RedeliveryMemory } from '../write/redelivery-memory.ts';
import { type CheckedReading, checkReading, type ReadingCheckDependencies } from './check-reading.ts';
import { parseTelemetry, type TelemetryEnvelope } from './parse-telemetry.ts';

export interface BatchCheckDependencies extends ReadingCheckDependencies {
  readonly quarantine: Quarantine;
  readonly memory: RedeliveryMemory;
}

export interface TelemetryMessage {
  readonly gateway: GatewayId;
  readonly topic: string;
  readonly payload: Uint8Array;
}

const NOTHING_KEPT = { readings: [], claims: [], events: [], reports: [], refusedPoints: [], redelivered: false } as const;

const checkReadings = async (deps: BatchCheckDependencies, message: TelemetryMessage, readings: readonly unknown[]) => {
  const checked: CheckedReading[] = [];
  for (const [index, reading] of readings.entries()) checked.push(await checkReading(deps, message, reading, index));
  return {
    accepted: checked.filter((reading) => reading.kind === 'accepted'),
    refused: checked.filter((reading) => reading.kind === 'refused'),
  };
};

/** One place in the quarantine per reason: a gateway that is wrong about a hundred points says one thing. */
const quarantineReadings = (
  quarantine: Quarantine,
  topic: string,
  refused: readonly Extract<CheckedReading, { kind: 'refused' }>[],
): void => {
  const groups = Map.groupBy(refused, ({ fault }) => fault.code);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { fault, point, at } = first;
    const more = others.length === 0 ? '' : ` And ${others.length} more of this batch.`;
    quarantine.keep({ topic, fault, why: `${fault.what}${more}`, excerpt: JSON.stringify({ point, at }) });
  }
};

const keptBatch = async (
  deps: BatchCheckDependencies,
  message: TelemetryMessage,
  envelope: TelemetryEnvelope,
): Promise<CheckedBatch> => {
  const { boot, seq, historical = false, events = [], reports = [] } = envelope;
  const { accepted, refused } = await checkReadings(deps, message, envelope.readings);
  quarantineReadings(deps.quarantine, message.topic, refused);
  const isSeenAgain = deps.memory.isSeenAgain(message.gateway, boot, seq);
  return {
    gateway: message.gateway,
    boot,
    seq,
    from: Math.min(envelope.gap?.from ?? seq, seq),
    redelivered: historical || isSeenAgain,
    readings: accepted.map(({ reading }) => reading),
    claims: accepted.flatMap(({ claims }) => claims),
    events,
    reports,
    refusedPoints: refused.flatMap(({ point, fault }) => (point === null ? [] : [{ point, code: fault.code }])),
    refused: null,
  };
};

export interface CheckedMessage {
  /** Null when not even its number could be read. */
  readonly batch: CheckedBatch | null;
  readonly refusedReadings: number;
  readonly gap: TelemetryEnvelope['gap'];
}

/** Looks at a message whole, then at each of its readings. What is refused goes to the quarantine with its reason. */
export const checkBatch = async (deps: BatchCheckDependencies, message: TelemetryMessage): Promise<CheckedMessage> => {
  const parsed = parseTelemetry(message.topic, message.payload);
  if (parsed.kind === 'batch') {
    const batch = await keptBatch(deps, message, parsed.batch);
    const refusedReadings = parsed.batch.readings.length - batch.readings.length;
    return { batch, refusedReadings, gap: parsed.batch.gap };
  }
  const { fault, number } = parsed;
  const isOperationalOnly = await deps.ownership.isOperationalOnly(message.gateway);
  deps.quarantine.keep({
    topic: message.topic,
    fault,
    why: reasonWithout(fault.what, isOperationalOnly),
    excerpt: excerptOf(message.payload, isOperationalOnly),
  });
  return {
    batch: number === null ? null : refusedBatch(message.gateway, number, fault.code),
    refusedReadings: 0,
    gap: undefined,
  };
};

const refusedBatch = (gateway: GatewayId, number: { boot: number; seq: number }, code: ErrorCode): CheckedBatch => ({
  ...NOTHING_KEPT,
  ...number,
  from: number.seq,
  gateway,
  refused: code,
});

/** Whether what was thrown says that the registry or the store does not answer, so that the message must come again. */
export const isOutage = (thrown: unknown): thrown is Fault =>
  thrown instanceof Fault && (thrown.code === 'STORE_UNAVAILABLE' || thrown.code === 'REGISTRY_UNAVAILABLE');
