/** A request as any scripted line gives it. */
interface Request {
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
  readonly pdu: Buffer;
  reply(pdu: readonly number[]): void;
}

export interface ScriptedDimmer {
  /** Holding registers by address; 0 where nothing stands. */
  readonly holding: Map<number, number>;
  /** Coil of the first channel: without it the level gives no light. */
  isOn: boolean;
  /** Registers that it does not let anybody write: exception 4. */
  readonly refused: Set<number>;
  /** Registers whose writes it acknowledges and forgets. */
  readonly forgotten: Set<number>;
  /** Writes since the last call, as `address=value`. */
  written(): readonly string[];
  /** As it comes from the factory, and after a loss of supply when its memory does not keep. */
  reset(): void;
  answer(request: Request): void;
}

const FACTORY_WAIT_S = 10;
const CANNOT = 4;

/** A mains dimmer as its maker documents it (WB-MDM3): it waits 10 s for its master, then does nothing. */
export const createScriptedDimmer = (): ScriptedDimmer => {
  const writes: string[] = [];
  const dimmer: ScriptedDimmer = {
    holding: new Map(),
    isOn: false,
    refused: new Set(),
    forgotten: new Set(),
    written: () => writes.splice(0),
    reset: () => {
      dimmer.holding.clear();
      dimmer.holding.set(8, FACTORY_WAIT_S);
      dimmer.isOn = false;
    },
    answer: ({ functionCode, address, count, pdu, reply }) => {
      if (functionCode === 1) return reply([1, 1, Number(dimmer.isOn)]);
      if (functionCode === 3) {
        const words = Array.from({ length: count }, (_each, index) => dimmer.holding.get(address + index) ?? 0);
        return reply([3, count * 2, ...words.flatMap((word) => [word >> 8, word & 0xff])]);
      }
      writes.push(`${address}=${count}`);
      if (dimmer.refused.has(address)) return reply([functionCode | 0x80, CANNOT]);
      if (functionCode === 5) dimmer.isOn = count !== 0;
      else if (!dimmer.forgotten.has(address)) dimmer.holding.set(address, count);
      if (functionCode !== 5 && address === 0 && count === 0) dimmer.isOn = false;
      return reply([...pdu.subarray(0, 5)]);
    },
  };
  dimmer.reset();
  return dimmer;
};
