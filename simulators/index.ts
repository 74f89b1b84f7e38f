import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Service } from '#contract/ports/lifecycle.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { loadRegisterFacts } from './register-facts/register-facts.ts';
import type { FaultInjection, FaultToClear } from './scenarios/field-fault.ts';
import {
  type BusAddress,
  type Listening,
  type SimulatedBus,
  type SimulatedBusOptions,
  startSimulatedBus,
  unknownFault,
} from './simulated-bus.ts';
import { createResidenceLesTilleuls } from './sites/residence-les-tilleuls.ts';
import { createRueDeLaRepublique } from './sites/rue-de-la-republique.ts';

export type { FieldFault, FieldFaultKind } from './scenarios/field-fault.ts';
export type { BusAddress, Listening } from './simulated-bus.ts';
export { instantsBeforePresent } from './sites/beginning.ts';

/** Of a field run alone. */
export const DEFAULT_SEED = 1;

export interface FieldDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Keeps lamp levels, relays, tanks and counters over a restart; null keeps nothing. */
  readonly shelf: DocumentShelf | null;
  readonly street: BusAddress;
  readonly building: BusAddress;
  /** Another seed, other flats, other weather. `DEFAULT_SEED` when absent. */
  readonly seed?: number;
}

/** A street and a building that behave, each behind one Modbus TCP port. Faults do not outlive a restart. */
export interface Field extends Service, FaultInjection {
  /** What listens where, with the real ports; empty unless started. */
  listening(): readonly Listening[];
  /** Brings the physics up to the civil clock. Also done before each Modbus request and each elapsed second. */
  settle(): void;
}

const TICK_MS = 1000;
/** Ticks between two snapshots when nothing changed. */
const TICKS_PER_SNAPSHOT = 5;

/** Starts both buses, or neither. */
const startBuses = async (options: readonly SimulatedBusOptions[]): Promise<SimulatedBus[]> => {
  const started: SimulatedBus[] = [];
  try {
    for (const each of options) started.push(await startSimulatedBus(each));
    return started;
  } catch (thrown) {
    for (const bus of started) await bus.stop();
    throw thrown;
  }
};

export const createField = (deps: FieldDependencies): Field => {
  const { clock, logger, shelf, seed = DEFAULT_SEED } = deps;
  let buses: readonly SimulatedBus[] = [];
  let timer: Timer | null = null;
  let ticks = 0;

  const settle = (): void => {
    for (const bus of buses) bus.settle();
  };

  const tick = (): void => {
    timer = clock.after(TICK_MS, tick);
    settle();
    ticks += 1;
    if (ticks % TICKS_PER_SNAPSHOT === 0) for (const bus of buses) bus.keep();
  };

  const busOf = (suffered: FaultToClear): SimulatedBus => {
    const bus = buses.find((each) => each.suffers(suffered.kind, suffered.target));
    if (bus === undefined) throw unknownFault(suffered);
    return bus;
  };

  return {
    name: 'simulators',
    start: async () => {
      const shared = { clock, logger, shelf, seed, facts: loadRegisterFacts() };
      buses = await startBuses([
        { ...shared, name: 'field-street', address: deps.street, portOption: '--street-port', create: createRueDeLaRepublique },
        {
          ...shared,
          name: 'field-building',
          address: deps.building,
          portOption: '--building-port',
          create: createResidenceLesTilleuls,
        },
      ]);
      timer = clock.after(TICK_MS, tick);
    },
    stop: async () => {
      timer?.cancel();
      const stopping = buses;
      buses = [];
      await Promise.all(stopping.map((bus) => bus.stop()));
    },
    health: () => {
      const sum = (figure: 'clients' | 'requests' | 'refusals' | 'brokenConnections'): number =>
        buses.reduce((total, bus) => total + bus.figures()[figure], 0);
      return {
        state: buses.length === 0 ? 'stopped' : 'ready',
        figures: {
          clients: sum('clients'),
          requests: sum('requests'),
          refusals: sum('refusals'),
          brokenConnections: sum('brokenConnections'),
        },
      };
    },
    listening: () => buses.map((bus) => bus.listening()),
    settle,
    inject: (caused) => busOf(caused).inject(caused),
    clear: (cleared) => busOf(cleared).clear(cleared),
  };
};
