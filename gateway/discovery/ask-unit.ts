import { Fault } from '#contract/errors.ts';
import { decodeRead, encodeRead } from '#gateway/modbus/requests.ts';
import type { ModbusTransport } from '#gateway/modbus/transport.ts';
import type { ReadUnit } from './unit-registers.ts';

export type UnitSaid =
  | { readonly kind: 'answer'; readonly pdu: Uint8Array; readonly responseMs: number }
  | { readonly kind: 'silent' }
  /** Bytes that are no answer to the request. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** One request to one unit of a line that nobody else uses; rejects as `scanBus` throws. */
export type AskUnit = (unitId: number, pdu: Uint8Array) => Promise<UnitSaid>;

export interface Asking {
  readonly transport: ModbusTransport;
  readonly timeoutMs: number;
  /** Once aborted nothing more is asked: it rejects. */
  readonly signal: AbortSignal;
}

/** MODBUS Application Protocol V1.1b3, section 7: a TCP to serial gateway speaks, not the unit. */
const GATEWAY_EXCEPTIONS: readonly number[] = [10, 11];

/** Number of the exception, or null when it is none. */
export const exceptionIn = (pdu: Uint8Array): number | null => ((pdu[0] ?? 0) >= 0x80 ? (pdu[1] ?? 0) : null);

export const createAskUnit =
  ({ transport, timeoutMs, signal }: Asking): AskUnit =>
  async (unitId, pdu) => {
    signal.throwIfAborted();
    if (!transport.isConnected) await transport.connect();
    try {
      const answer = await transport.request(unitId, pdu, timeoutMs);
      return GATEWAY_EXCEPTIONS.includes(exceptionIn(answer.pdu) ?? 0) ? { kind: 'silent' } : { kind: 'answer', ...answer };
    } catch (thrown) {
      signal.throwIfAborted();
      return saidBy(thrown);
    }
  };

const saidBy = (thrown: unknown): UnitSaid => {
  if (!(thrown instanceof Fault)) throw thrown;
  if (thrown.code === 'MODBUS_REPLY_INVALID') return { kind: 'unclear', reason: String(thrown.fields['reason']) };
  // Some gateways close the connection for a unit that is not there; a line that is gone is found by the next connect.
  if (thrown.code === 'DEVICE_SILENT' || thrown.code === 'BUS_DISCONNECTED') return { kind: 'silent' };
  throw thrown;
};

/** Reads of one unit, each asked once more after bytes that were no answer. */
export const createReadUnit =
  (ask: AskUnit, unitId: number): ReadUnit =>
  async (span) => {
    const request = { unitId, ...span };
    let said = await ask(unitId, encodeRead(request));
    if (said.kind === 'unclear') said = await ask(unitId, encodeRead(request));
    if (said.kind !== 'answer') return { kind: 'silent' };
    const exception = exceptionIn(said.pdu);
    if (exception !== null) return { kind: 'refused', exception };
    try {
      return { kind: 'words', words: decodeRead(request, said.pdu) };
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'MODBUS_REPLY_INVALID') return { kind: 'silent' };
      throw thrown;
    }
  };
