import { createSimulatedClock, type SimulatedClock } from '#adapters/clock/simulated-clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import { parseInstant } from '#domain/civil-time.ts';
import { createField, type Field } from '#simulators/index.ts';
import { recordingLogger } from '#test/services/loggers.ts';
import { type FieldReader, openFieldReader } from './field-reader.ts';

/** A winter evening: the street is lit. */
export const EVENING = parseInstant('2026-11-24T19:00:00Z');

export const EM24 = 'carlo-gavazzi-em24-rs485';
export const SDM = 'eastron-sdm120';
export const IEM = 'schneider-iem3155-iem3255';
export const DALI = 'intesis-dali-64';
export const D4I = 'intesis-in703-d4i';
export const CABINET = 'axone-demo-cabinet';
export const RELAYS = 'waveshare-modbus-rtu-relay-16ch';

export interface OpenField {
  readonly field: Field;
  readonly street: FieldReader;
  readonly building: FieldReader;
}

/** Fields on one simulated clock that begins in the evening, each with a client on both buses. */
export interface FieldBench {
  readonly clock: SimulatedClock;
  readonly logger: ReturnType<typeof recordingLogger>;
  open(shelf?: DocumentShelf): Promise<OpenField>;
  /** Closes every client, then stops every field. */
  close(): Promise<void>;
}

export const createFieldBench = (): FieldBench => {
  const clock = createSimulatedClock({ civil: EVENING });
  const logger = recordingLogger();
  const closing: (() => Promise<void>)[] = [];
  return {
    clock,
    logger,
    open: async (shelf) => {
      const address = { host: '127.0.0.1', port: 0 };
      const field = createField({ clock, logger, shelf: shelf ?? null, street: address, building: address });
      await field.start();
      const [street, building] = await Promise.all(field.listening().map(({ port }) => openFieldReader(port)));
      if (street === undefined || building === undefined) throw new Error('The field listens on two ports');
      closing.push(street.close, building.close, field.stop);
      return { field, street, building };
    },
    close: async () => {
      for (const each of closing) await each();
    },
  };
};

/** Values of the control gear at a short address. */
export const lampPower = (street: FieldReader, shortAddress: number): Promise<number> =>
  street.read(3, D4I, 'active_power', { y: 0, xx: shortAddress });
export const lampLevel = (street: FieldReader, shortAddress: number): Promise<number> =>
  street.read(3, DALI, 'actual_level', { line: 0, sa: shortAddress });
export const lampStatus = (street: FieldReader, shortAddress: number): Promise<number> =>
  street.read(3, DALI, 'ballast_status', { line: 0, sa: shortAddress });
