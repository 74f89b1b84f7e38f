import type { Clock } from '#contract/ports/clock.ts';
import {
  type DeviceIdentification,
  decodeIdentification,
  encodeIdentificationRequest,
} from '#gateway/modbus/device-identification.ts';
import { type ConnectModbus, lineAddress, type ModbusLine } from '#gateway/modbus/transport.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import { type AskUnit, createAskUnit, createReadUnit } from './ask-unit.ts';
import { type Proposal, proposeProfiles } from './propose-profile.ts';
import { type ScanStep, scanBus, silentUnitMs } from './scan-bus.ts';

export interface FoundUnit {
  readonly line: ModbusLine;
  readonly unitId: number;
  /** How long it took to answer, in elapsed milliseconds. */
  readonly responseMs: number;
  /** Of its answer to being called; null when it answered with a value. */
  readonly exception: number | null;
  readonly identification: DeviceIdentification | null;
  /** Best first; null when the scan was aborted before they were known. */
  readonly proposals: readonly Proposal[] | null;
}

export type DiscoveryStep =
  | {
      readonly kind: 'line-opened';
      readonly line: ModbusLine;
      readonly unitIds: readonly number[];
      /** Longest that the whole takes when nobody answers. */
      readonly budgetMs: number;
    }
  | ({ readonly kind: 'unit-called'; readonly line: ModbusLine } & ScanStep)
  | { readonly kind: 'unit-found'; readonly unit: FoundUnit };

export interface DiscoveryOptions {
  /** One wire, in each of the ways that it may be spoken to; a unit found in one is not called in the next. */
  readonly lines: readonly ModbusLine[];
  readonly unitIds: readonly number[];
  /** How long a unit may take to answer. */
  readonly timeoutMs: number;
  readonly profiles: Iterable<DeviceProfile>;
  readonly clock: Clock;
  readonly connect: ConnectModbus;
  readonly signal: AbortSignal;
}

/**
 * Calls the units of a line that nobody else uses, asks each that answers what it is, and proposes profiles for it. Only
 * reads. Ends when aborted; what was found is by then yielded. Throws `BUS_DISCONNECTED` as `scanBus` does.
 */
export async function* discover(options: DiscoveryOptions): AsyncGenerator<DiscoveryStep> {
  const found = new Set<number>();
  for (const line of options.lines) {
    const unitIds = options.unitIds.filter((unitId) => !found.has(unitId));
    for await (const step of discoverOn(line, { ...options, unitIds })) {
      if (step.kind === 'unit-found') found.add(step.unit.unitId);
      yield step;
    }
    if (options.signal.aborted) return;
  }
}

async function* discoverOn(line: ModbusLine, options: DiscoveryOptions): AsyncGenerator<DiscoveryStep> {
  const { unitIds, timeoutMs, clock, connect, signal } = options;
  const transport = connect(`at ${lineAddress(line)}`, line, clock);
  const close = (): void => transport.close();
  signal.addEventListener('abort', close, { once: true });
  const ask = createAskUnit({ transport, timeoutMs, signal });
  try {
    yield { kind: 'line-opened', line, unitIds, budgetMs: unitIds.length * silentUnitMs(line, timeoutMs) };
    for await (const step of scanBus(ask, unitIds)) {
      yield { kind: 'unit-called', line, ...step };
      if (step.answer.kind !== 'present') continue;
      const { responseMs, exception } = step.answer;
      const known = await examine(ask, step.unitId, options);
      yield { kind: 'unit-found', unit: { line, unitId: step.unitId, responseMs, exception, ...known } };
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

const examine = async (
  ask: AskUnit,
  unitId: number,
  { profiles, signal }: DiscoveryOptions,
): Promise<Pick<FoundUnit, 'identification' | 'proposals'>> => {
  let identification: DeviceIdentification | null = null;
  try {
    const said = await ask(unitId, encodeIdentificationRequest());
    if (said.kind === 'answer') identification = decodeIdentification(said.pdu);
    return { identification, proposals: await proposeProfiles(profiles, createReadUnit(ask, unitId), identification) };
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    return { identification, proposals: null };
  }
};
