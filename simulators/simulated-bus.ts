import { fault, reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { formatInstant } from '#domain/civil-time.ts';
import { createFieldMemory, type FieldMemory } from './field-memory.ts';
import { createModbusServer, type ModbusServer, type UnitConduct } from './modbus-server/modbus-server.ts';
import type { RegisterFacts } from './register-facts/register-facts.ts';
import { type FaultInjection, type FaultToClear, type FieldFault, isLineFault } from './scenarios/field-fault.ts';
import type { FieldSite, FieldSiteOptions } from './sites/field-site.ts';

export interface BusAddress {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

export interface Listening extends BusAddress {
  readonly site: string;
  readonly units: readonly {
    readonly unitId: number;
    readonly device: string;
    readonly profile: string;
    readonly fictitious: boolean;
  }[];
}

export interface SimulatedBusOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly shelf: DocumentShelf | null;
  readonly facts: RegisterFacts;
  readonly seed: number;
  readonly address: BusAddress;
  readonly portOption: string;
  /** Under which name its past is kept. */
  readonly name: string;
  readonly create: (options: FieldSiteOptions) => FieldSite;
}

/** A site that lives on the civil clock, behind its Modbus TCP port. */
export interface SimulatedBus extends FaultInjection {
  listening(): Listening;
  settle(): void;
  keep(): void;
  stop(): Promise<void>;
  figures(): ReturnType<ModbusServer['figures']>;
  /** Whether it has a target of this name for this kind of fault. */
  suffers(kind: FieldFault['kind'], target: string): boolean;
}

const conductOf = (caused: FieldFault): UnitConduct => {
  switch (caused.kind) {
    case 'late-replies':
      return { kind: 'late', delayMs: caused.delayMs };
    case 'exception':
      return { kind: 'refuses', exception: caused.exception };
    default:
      return { kind: 'silent' };
  }
};

const reviveSite = (options: SimulatedBusOptions, past: unknown, onChange: () => void): FieldSite => {
  const { clock, logger, facts, seed, create, name } = options;
  const revive = (from: unknown): FieldSite =>
    create({ facts, seed, past: from, startsAt: clock.civilNow(), monotonicNow: () => clock.monotonicNow(), onChange });
  if (past === null) return revive(null);
  try {
    const site = revive(past);
    logger.info('field-continued', { site: site.site, from: formatInstant(site.livedUntil()) });
    return site;
  } catch (thrown) {
    logger.warn('field-memory-unreadable', { name, reason: reasonOf(thrown) });
    return revive(null);
  }
};

const createSettling = (site: FieldSite, clock: Clock, logger: Logger): (() => void) => {
  let isBehind = false;
  return () => {
    const isAhead = site.settleAt(clock.civilNow());
    if (!isAhead && !isBehind)
      logger.warn('civil-clock-went-back', {
        site: site.site,
        now: formatInstant(clock.civilNow()),
        livedUntil: formatInstant(site.livedUntil()),
      });
    isBehind = !isAhead;
  };
};

const createInjection = (site: FieldSite, server: ModbusServer, logger: Logger, settle: () => void): FaultInjection => {
  const unitOf = (target: string): number => site.units.find(({ device }) => device === target)?.unitId ?? 0;
  const change = ({ kind, target }: FaultToClear, conduct: UnitConduct, present: boolean): void => {
    settle();
    if (isLineFault(kind)) server.conduct(unitOf(target), conduct);
    else site.deviceFaults.find((known) => known.kind === kind)?.set(target, present);
    logger.info(present ? 'fault-injected' : 'fault-cleared', { site: site.site, fault: kind, target });
  };
  return {
    inject: (caused) => change(caused, conductOf(caused), true),
    clear: (cleared) => change(cleared, { kind: 'answers' }, false),
  };
};

/** Revives the site from what it kept, brings it up to now and opens its port; rejects with PORT_IN_USE or OPTION_INVALID. */
export const startSimulatedBus = async (options: SimulatedBusOptions): Promise<SimulatedBus> => {
  const { clock, logger, shelf, address, name } = options;
  let site: FieldSite | null = null;
  const memory: FieldMemory | null =
    shelf === null ? null : createFieldMemory({ shelf, name, logger, snapshot: () => site?.snapshot() ?? null });
  const living = reviveSite(options, (await memory?.recall()) ?? null, () => memory?.keep());
  site = living;
  const settle = createSettling(living, clock, logger);
  settle();
  const server = createModbusServer({
    clock,
    logger,
    ...address,
    use: `Modbus of ${living.site}`,
    portOption: options.portOption,
    units: new Map(living.units.map(({ unitId, modbus }) => [unitId, modbus])),
    beforeRequest: settle,
  });
  await server.start();
  logger.info('field-listened', { site: living.site, host: address.host, port: server.port() });

  return {
    ...createInjection(living, server, logger, settle),
    settle,
    keep: () => memory?.keep(),
    listening: () => ({
      site: living.site,
      host: address.host,
      port: server.port(),
      units: living.units.map(({ unitId, device, profile, fictitious }) => ({ unitId, device, profile, fictitious })),
    }),
    figures: server.figures,
    suffers: (kind, target) =>
      isLineFault(kind)
        ? living.units.some(({ device }) => device === target)
        : living.deviceFaults.some((known) => known.kind === kind && known.targets.includes(target)),
    stop: async () => {
      await server.stop();
      settle();
      await memory?.keepAndWait();
    },
  };
};

export const unknownFault = ({ kind, target }: FaultToClear) =>
  fault('FIELD_FAULT_UNKNOWN', { fault: kind, target, known: 'Type help for the faults and their targets' });
