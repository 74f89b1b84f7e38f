import { type ErrorCode, Fault } from '#contract/errors.ts';
import type { QuantityName } from '#contract/quantities.ts';
import type { Instant } from '#domain/civil-time.ts';
import { type BusReading, middleOf, type Priority } from '#gateway/modbus/bus.ts';
import type { ReadSpan } from '#gateway/modbus/read-plan.ts';
import type { FieldDevice, QuantityPlace } from './field-device.ts';
import { takeValues } from './point-value.ts';

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
  const reading = new OneReading(device, priority);
  for (const block of device.plan.blocks()) await reading.read(block);
  return reading.end();
};

/** MODBUS Application Protocol V1.1b3, section 7: the device has no such address, or not so much of it. */
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;

type Outcome = 'answered' | 'refused' | 'failed';

const exceptionOf = (thrown: Fault): unknown => (thrown.code === 'MODBUS_EXCEPTION' ? thrown.fields['exception'] : null);

/** A device read once. What it refuses is asked for in halves, down to single values, and the plan learns from it. */
class OneReading {
  readonly #device: FieldDevice;
  readonly #priority: Priority;
  readonly #values = new Map<QuantityName, number | null>();
  readonly #failures: Fault[] = [];
  readonly #refused: { readonly block: ReadSpan; readonly fault: Fault }[] = [];
  #startedAt: Instant | null = null;
  #endedAt: Instant | null = null;
  #isGone = false;

  constructor(device: FieldDevice, priority: Priority) {
    this.#device = device;
    this.#priority = priority;
  }

  async read(block: ReadSpan): Promise<Outcome> {
    if (this.#isGone) return 'failed';
    const asked = await this.#ask(block);
    if (!(asked instanceof Fault)) return this.#take(block, asked);
    const exception = exceptionOf(asked);
    if (exception !== ILLEGAL_ADDRESS && exception !== ILLEGAL_VALUE) return this.#fail(asked);
    const halves = this.#device.plan.halves(block);
    if (halves !== null) return this.#readHalves(block, halves);
    if (exception !== ILLEGAL_ADDRESS) return this.#fail(asked);
    this.#refused.push({ block, fault: asked });
    return 'refused';
  }

  end(): DeviceReading {
    const hasAnswered = this.#startedAt !== null;
    for (const { block, fault } of this.#refused) {
      // A device that refuses everything is not the one of its profile, or not ready: nothing is learnt from it.
      const isLearnt = hasAnswered && this.#device.plan.refuse(block);
      if (!isLearnt) this.#failures.push(fault);
    }
    setMissing(this.#values, this.#device.places);
    const at = this.#startedAt === null || this.#endedAt === null ? null : middleOf(this.#startedAt, this.#endedAt);
    const failures = this.#failures.map(({ code, message }) => ({ code, message }));
    return { device: this.#device, at, values: this.#values, failures };
  }

  async #readHalves(whole: ReadSpan, [first, second]: readonly [ReadSpan, ReadSpan]): Promise<Outcome> {
    const outcomes = [await this.read(first), await this.read(second)];
    if (outcomes.includes('failed')) return 'failed';
    if (outcomes.includes('refused')) return 'refused';
    this.#device.plan.refuseWhole(whole, second);
    return 'answered';
  }

  async #ask(block: ReadSpan): Promise<BusReading | Fault> {
    try {
      return await this.#device.bus.read({ unitId: this.#device.unitId, ...block }, this.#priority);
    } catch (thrown) {
      if (thrown instanceof Fault) return thrown;
      throw thrown;
    }
  }

  #take(block: ReadSpan, { words, startedAt, endedAt }: BusReading): Outcome {
    const { places, plan } = this.#device;
    this.#startedAt ??= startedAt;
    this.#endedAt = endedAt;
    takeValues(this.#values, { block, words }, places);
    plan.answered(block);
    return 'answered';
  }

  #fail(fault: Fault): Outcome {
    this.#failures.push(fault);
    this.#isGone = fault.code === 'BUS_DISCONNECTED' || fault.code === 'DEVICE_SILENT';
    return 'failed';
  }
}

const setMissing = (values: Map<QuantityName, number | null>, places: readonly QuantityPlace[]): void => {
  for (const { quantity } of places) if (!values.has(quantity)) values.set(quantity, null);
};
