import type { Availability } from '#contract/messages/device.ts';
import type { Report } from '#contract/messages/report.ts';
import type { DocumentName } from '#contract/topics.ts';
import { timeZone } from '#domain/civil-time.ts';
import type { DeviceId, PointId } from '#domain/identifiers.ts';
import { Autonomy } from './autonomy/autonomy.ts';
import { DesiredState } from './autonomy/desired-state.ts';
import { Orders } from './autonomy/orders.ts';
import type { GatewayDependencies } from './dependencies.ts';
import { AvailabilityBoard } from './devices/availability.ts';
import { createFieldDevices, type FieldDevice } from './devices/field-device.ts';
import { type Bus, createBus } from './modbus/bus.ts';
import { connectModbusTcp } from './modbus/tcp-transport.ts';
import { Journal } from './outbox/journal.ts';
import { Outbox } from './outbox/outbox.ts';
import { Grain } from './polling/grain.ts';
import { asBatch, Rounds } from './polling/rounds.ts';
import { TelecommandMemory } from './telecommand/telecommand-memory.ts';
import { Telecommands } from './telecommand/telecommands.ts';

/** How the rooms are heard outside. */
export interface GatewayVoice {
  report(report: Report): void;
  availability(device: DeviceId, message: Availability): void;
  /** A document has come into force. */
  applied(name: DocumentName): void;
  status(): void;
}

const createBuses = ({
  configuration,
  clock,
  logger,
  connectModbus = connectModbusTcp,
}: GatewayDependencies): ReadonlyMap<string, Bus> =>
  new Map(
    configuration.buses.map(({ id, host, port, timeoutMs }) => {
      const address = { bus: id, host, port };
      return [id, createBus({ ...address, timeoutMs, clock, logger, transport: connectModbus(address, clock) })];
    }),
  );

const pointsOfDwellings = (devices: readonly FieldDevice[]): ReadonlySet<PointId> =>
  new Set(devices.flatMap(({ privacy, point }) => (privacy === 'dwelling' && point !== null ? [point] : [])));

/** The rooms of a gateway, put together. */
export const assembleRooms = (deps: GatewayDependencies, boot: number, voice: GatewayVoice) => {
  const { configuration, profiles, bus, log, shelf, clock, logger } = deps;
  const { id: gateway, poll, outbox: limits } = configuration;
  const buses = createBuses(deps);
  const devices = createFieldDevices(configuration, profiles, buses);
  const journal = new Journal({ clock, publishReport: (report) => voice.report(report) });
  const outbox = new Outbox({ gateway, boot, log, bus, clock, logger, limitBytes: limits.limitBytes });
  const grain = new Grain({ shelf, clock, zone: timeZone(configuration.zone), points: pointsOfDwellings(devices) });
  const desired = new DesiredState({
    shelf,
    logger,
    journal,
    onApplied: (name) => voice.applied(name),
    onRefused: () => voice.status(),
  });
  const orders = new Orders({ shelf, clock, journal });
  const memory = new TelecommandMemory(shelf, clock);
  const flush = async (): Promise<void> => {
    if (!journal.isEmpty) await outbox.append({ readings: [], ...asBatch(journal) });
  };
  const autonomy = new Autonomy({
    configuration,
    devices,
    desired,
    orders,
    journal,
    clock,
    logger,
    provisional: () => memory.provisional(),
    flush,
  });
  const availability = new AvailabilityBoard({
    clock,
    logger,
    journal,
    publish: (device, message) => voice.availability(device, message),
  });
  const telecommands = new Telecommands({
    gateway,
    devices: new Map(devices.map((device) => [device.id, device])),
    autonomy,
    memory,
    journal,
    clock,
    logger,
  });
  const rounds = [...buses.values()].map(
    (fieldBus) =>
      new Rounds({
        poll,
        devices: devices.filter((device) => device.bus === fieldBus),
        clock,
        logger,
        outbox,
        journal,
        grain,
        observe: (reading, startedAt) => {
          availability.observe(reading);
          autonomy.observe(reading, startedAt);
        },
        published: (readings) => autonomy.published(readings),
        commandedLevel: (device) => autonomy.light(device.id)?.commanded ?? null,
      }),
  );
  return {
    boot,
    buses,
    devices,
    journal,
    outbox,
    grain,
    desired,
    orders,
    memory,
    autonomy,
    availability,
    telecommands,
    rounds,
    flush,
  };
};

export type GatewayRooms = ReturnType<typeof assembleRooms>;
