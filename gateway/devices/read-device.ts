import { type ErrorCode, Fault } from '#contract/errors.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import { middleOf, type Priority } from '#gateway/modbus/bus.ts';
import { wordsWithin } from '#gateway/modbus/read-plan.ts';
import type { FieldDevice, QuantityPlace } from './field-device.ts';
import { valuesOfBlock } from './point-value.ts';

export interface DeviceReading {
  readonly device: FieldDevice;
  /** Civil time, at the middle of the requests that were answered; null when none was. */
  readonly at: Instant | null;
  /** Null is missing: not answered, unknown to the device, or impossible. */
  readonly values: ReadonlyMap<QuantityName, number | null>;
  /** Of the blocks that failed. */
  readonly failures: readonly { readonly code: ErrorCode; readonly message: string }[];
}

/** Reads the quantities of a device. Resolves always: what failed is null, with its reason beside. Anything but a fault of the catalogue rejects. */
export const readDevice = async (device: FieldDevice, priority: Priority): Promise<DeviceReading> => {
  const values = new Map<QuantityName, number | null>();
  const failures: { code: ErrorCode; message: string }[] = [];
  let startedAt: Instant | null = null;
  let endedAt: Instant | null = null;
  for (const block of device.blocks) {
    const places = device.places.filter(({ span }) => wordsWithin(block, [], span) !== null);
    try {
      const reading = await device.bus.read({ unitId: device.unitId, ...block }, priority);
      startedAt ??= reading.startedAt;
      endedAt = reading.endedAt;
      for (const [quantity, value] of valuesOfBlock(block, reading.words, places)) values.set(quantity, value);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      failures.push({ code: thrown.code, message: thrown.message });
      setMissing(values, places);
      if (thrown.code === 'BUS_DISCONNECTED' || thrown.code === 'DEVICE_SILENT') {
        setMissing(values, device.places);
        break;
      }
    }
  }
  return { device, at: startedAt === null || endedAt === null ? null : middleOf(startedAt, endedAt), values, failures };
};

const setMissing = (values: Map<QuantityName, number | null>, places: readonly QuantityPlace[]): void => {
  for (const { quantity } of places) if (!values.has(quantity)) values.set(quantity, null);
};
