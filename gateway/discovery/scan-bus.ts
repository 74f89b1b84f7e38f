import { encodeRead } from '#gateway/modbus/requests.ts';
import { QUARANTINE_MARGIN_MS } from '#gateway/modbus/rtu-transport.ts';
import { silenceMs, wireMs } from '#gateway/modbus/serial-timing.ts';
import type { ModbusLine } from '#gateway/modbus/transport.ts';
import { type AskUnit, exceptionIn } from './ask-unit.ts';

export type UnitAnswer =
  /** It said something, be it a refusal. */
  | { readonly kind: 'present'; readonly exception: number | null; readonly responseMs: number }
  | { readonly kind: 'silent' }
  /** Twice bytes that are no answer: two units with one number, another speed, another master. */
  | { readonly kind: 'unclear'; readonly reason: string };

export interface ScanStep {
  readonly unitId: number;
  readonly answer: UnitAnswer;
  readonly asked: number;
  readonly total: number;
}

/** Holding register 0: what has none says so, and that is an answer. */
const PRESENCE_REQUEST = { table: 'holding', address: 0, count: 1 } as const;
const REQUEST_AND_ANSWER_BYTES = 8 + 7;

/** Longest that a unit which is not there takes of the line. On RTU as much again, in which a late answer is let pass. */
export const silentUnitMs = (line: ModbusLine, timeoutMs: number): number =>
  line.kind === 'tcp'
    ? timeoutMs
    : silenceMs(line) + wireMs(line, REQUEST_AND_ANSWER_BYTES) + 2 * timeoutMs + QUARANTINE_MARGIN_MS;

/**
 * Asks each unit number once, in order; a step is yielded before the next number is asked. Throws `BUS_DISCONNECTED` when the
 * line cannot be opened, or not again, and the reason of the abort when aborted.
 */
export async function* scanBus(ask: AskUnit, unitIds: readonly number[]): AsyncGenerator<ScanStep> {
  for (const [index, unitId] of unitIds.entries()) {
    let answer = await callUp(ask, unitId);
    if (answer.kind === 'unclear') answer = await callUp(ask, unitId);
    yield { unitId, answer, asked: index + 1, total: unitIds.length };
  }
}

const callUp = async (ask: AskUnit, unitId: number): Promise<UnitAnswer> => {
  const said = await ask(unitId, encodeRead({ unitId, ...PRESENCE_REQUEST }));
  if (said.kind !== 'answer') return said;
  return { kind: 'present', exception: exceptionIn(said.pdu), responseMs: said.responseMs };
};
