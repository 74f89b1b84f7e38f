import { type ScriptedRequest, type ScriptedServer, startScriptedServer } from './modbus/scripted-server.ts';

export interface ScriptedLamp {
  levelPercent: number;
  /** Does not follow what is written. */
  isStuck: boolean;
  /** Draws this whatever its level. */
  stuckPowerW: number | null;
  hasFailed: boolean;
  /** What its control gear does without us, in %. */
  powerOnPercent: number;
  systemFailurePercent: number;
}

export interface ScriptedField {
  readonly server: ScriptedServer;
  readonly lamps: readonly ScriptedLamp[];
  /** Registers of the two flats (units 11 and 12), in kWh. */
  readonly flatsKWh: number[];
  /** Units that do not answer. */
  readonly silent: Set<number>;
  readonly contactors: number[];
  /** Contactors closed when the cabinet hears nothing, one bit each. */
  cabinetFailSafeBits: number;
  /** Writes received, as `unit:address=value`. */
  readonly writes: string[];
  /** Reads received, as `unit:function:address+count`. */
  readonly reads: string[];
}

export const RATED_W = 40;
/** What a scripted lamp draws: linear, over 0.4 W of standby. */
export const powerAt = (levelPercent: number): number => Math.round(0.4 + (levelPercent / 100) * (RATED_W - 0.4));

const GROUPS: Readonly<Record<number, readonly number[]>> = { 6400: [0, 1], 6420: [2, 3], 6800: [0, 1, 2, 3] };

const lampWord = (lamp: ScriptedLamp, offset: number): number => {
  const statusBits = (lamp.hasFailed ? 2 : 0) | (lamp.levelPercent > 0 ? 4 : 0);
  const power = lamp.stuckPowerW ?? powerAt(lamp.levelPercent);
  return (
    new Map([
      [5, statusBits],
      [6, lamp.levelPercent],
      [11, lamp.powerOnPercent],
      [12, lamp.systemFailurePercent],
      [25_035, 1234],
      [25_037, power],
      [25_050, 31],
    ]).get(offset) ?? 0
  );
};

const MULTICONTROL = 31;

/** 5XXX is the power-on level, 6XXX the one for a DALI line without power. */
const command = (lamp: ScriptedLamp | undefined, value: number): void => {
  if (lamp === undefined) return;
  if (value >= 6000) lamp.systemFailurePercent = value - 6000;
  else if (value >= 5000) lamp.powerOnPercent = value - 5000;
};

/** Four lamps behind a D4i gateway (unit 3), a cabinet (unit 2) and the meters of two flats (units 11, 12). */
export const startScriptedField = async (): Promise<ScriptedField> => {
  const lamps = Array.from(
    { length: 4 },
    (): ScriptedLamp => ({
      levelPercent: 100,
      isStuck: false,
      stuckPowerW: null,
      hasFailed: false,
      powerOnPercent: 100,
      systemFailurePercent: 100,
    }),
  );
  const field = {
    lamps,
    flatsKWh: [1500, 2500],
    silent: new Set<number>(),
    contactors: [1, 1, 1, 1],
    cabinetFailSafeBits: 15,
    writes: [] as string[],
    reads: [] as string[],
  };
  const float = (value: number): readonly number[] => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
  };
  const wordAt = (unitId: number, address: number): number => {
    if (unitId === 3) {
      const isMeasure = address >= 25_000;
      const channel = Math.floor((isMeasure ? address - 25_000 : address) / 100);
      const lamp = lamps[channel];
      return lamp === undefined ? 0 : lampWord(lamp, address - channel * 100);
    }
    if (unitId === 2) return address === 1 ? field.cabinetFailSafeBits : 0;
    const kWh = field.flatsKWh[unitId - 11] ?? 0;
    if (address >= 72 && address <= 73) return float(kWh)[address - 72] ?? 0;
    return 0;
  };
  const read = (request: ScriptedRequest): void => {
    const { unitId, functionCode, address, count } = request;
    field.reads.push(`${unitId}:${functionCode}:${address}+${count}`);
    if (functionCode <= 2) {
      const bits = functionCode === 1 ? field.contactors : [];
      const byte = bits.slice(address, address + count).reduce((sum, bit, index) => sum | (bit << index), 0);
      request.reply([
        functionCode,
        Math.ceil(count / 8),
        ...Array.from({ length: Math.ceil(count / 8) }, (_e, i) => (i === 0 ? byte : 0)),
      ]);
      return;
    }
    const words = Array.from({ length: count }, (_each, index) => wordAt(unitId, address + index));
    request.reply([functionCode, count * 2, ...words.flatMap((word) => [word >> 8, word & 0xff])]);
  };
  const write = (request: ScriptedRequest): void => {
    const { unitId, functionCode, address, count: value } = request;
    field.writes.push(`${unitId}:${address}=${value}`);
    if (functionCode === 5) field.contactors[address] = value === 0 ? 0 : 1;
    else if (unitId === 2) field.cabinetFailSafeBits = value;
    else if (address < 6400 && address % 100 === MULTICONTROL) command(lamps[Math.floor(address / 100)], value);
    else {
      const channels = GROUPS[address] ?? [Math.floor(address / 100)];
      for (const channel of channels) {
        const lamp = lamps[channel];
        if (lamp !== undefined && !lamp.isStuck) lamp.levelPercent = value;
      }
    }
    request.reply([...request.pdu]);
  };
  const server = await startScriptedServer((request) => {
    if (field.silent.has(request.unitId)) return;
    if (request.functionCode <= 4) read(request);
    else write(request);
  });
  return Object.assign(field, { server });
};
