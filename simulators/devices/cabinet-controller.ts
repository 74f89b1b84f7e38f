import { z } from 'zod';
import type { Monotonic } from '#contract/ports/clock.ts';
import type { ModbusUnit } from '../modbus-server/modbus-unit.ts';
import { createRegisterImage, type RegisterCell } from '../modbus-server/register-image.ts';
import { registerAddress } from '../register-facts/register-address.ts';
import type { RegisterFacts } from '../register-facts/register-facts.ts';

export const SEGMENTS = 4;
/** One bit per segment, segment 1 lowest. */
const ALL_CLOSED = 0b1111;
const FAILSAFE_SECONDS = 900;

export const cabinetState = z.object({
  /** One per segment; true when it feeds its segment. */
  contactorsClosed: z.array(z.boolean()).length(SEGMENTS),
  failsafeSeconds: z.number(),
  failsafeBits: z.number(),
});
export type CabinetState = z.infer<typeof cabinetState>;

export const newCabinetState = (): CabinetState => ({
  contactorsClosed: Array.from({ length: SEGMENTS }, () => true),
  failsafeSeconds: FAILSAFE_SECONDS,
  failsafeBits: ALL_CLOSED,
});

export interface CabinetController {
  readonly unit: ModbusUnit;
  /** What stands open or has tripped; changed by the scenarios. */
  readonly incidents: { doorOpen: boolean; readonly breakersTripped: boolean[] };
  /** Segments are counted from 0. */
  isSegmentLive(segment: number): boolean;
  /** Applies the fail-safe when nothing was written for its time-out (0 turns it off). */
  watchSilence(now: Monotonic): void;
}

export interface CabinetControllerOptions {
  readonly facts: RegisterFacts;
  readonly state: CabinetState;
  readonly monotonicNow: () => Monotonic;
  readonly leakageMa: () => number;
  readonly onChange: () => void;
}

/** Fictitious street cabinet controller: four segment contactors with a fail-safe, a door contact, four breakers. */
export const createCabinetController = (options: CabinetControllerOptions): CabinetController => {
  const { state, monotonicNow } = options;
  const facts = options.facts('axone-demo-cabinet');
  const incidents = { doorOpen: false, breakersTripped: Array.from({ length: SEGMENTS }, () => false) };
  let lastWriteAt = monotonicNow();

  const written = (): void => {
    lastWriteAt = monotonicNow();
    options.onChange();
  };
  const cell = (name: string, read: () => number, index = 0): RegisterCell => {
    const fact = facts.register(name);
    return { fact, address: registerAddress(fact, { index }), read };
  };
  const contactor = (segment: number): RegisterCell => ({
    ...cell('segment_contactor', () => Number(state.contactorsClosed[segment] === true), segment),
    write: (closed) => {
      state.contactorsClosed[segment] = closed === 1;
      written();
    },
  });
  const failsafe = (name: string, read: () => number, keep: (value: number) => void): RegisterCell => ({
    ...cell(name, read),
    write: (value) => {
      keep(value);
      written();
    },
  });
  const segments = Array.from({ length: SEGMENTS }, (_, segment) => segment);

  const unit = createRegisterImage({
    cells: [
      ...segments.map(contactor),
      cell('door_open', () => Number(incidents.doorOpen)),
      ...segments.map((segment) => cell('breaker_tripped', () => Number(incidents.breakersTripped[segment] === true), segment)),
      cell('local_override', () => 0),
      cell('supply_present', () => 1),
      cell('leakage_current', options.leakageMa),
      failsafe(
        'failsafe_timeout',
        () => state.failsafeSeconds,
        (value) => {
          state.failsafeSeconds = value;
        },
      ),
      {
        ...failsafe(
          'failsafe_state',
          () => state.failsafeBits,
          (value) => {
            state.failsafeBits = value;
          },
        ),
        accepts: (bits) => bits <= ALL_CLOSED,
      },
    ],
  });

  const fallBack = (): void => {
    const wanted = segments.map((segment) => ((state.failsafeBits >> segment) & 1) === 1);
    if (wanted.every((closed, segment) => closed === state.contactorsClosed[segment])) return;
    wanted.forEach((closed, segment) => {
      state.contactorsClosed[segment] = closed;
    });
    options.onChange();
  };

  return {
    unit,
    incidents,
    isSegmentLive: (segment) => state.contactorsClosed[segment] === true && incidents.breakersTripped[segment] !== true,
    watchSilence: (now) => {
      if (state.failsafeSeconds > 0 && now - lastWriteAt > state.failsafeSeconds * 1000) fallBack();
    },
  };
};
