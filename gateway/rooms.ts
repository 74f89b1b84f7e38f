import type { Availability } from '#contract/messages/device.ts';
import type { Report } from '#contract/messages/report.ts';
import type { DocumentName } from '#contract/topics.ts';
import { timeZone } from '#domain/civil-time.ts';
import type { DeviceId, PointId } from '#domain/identifiers.ts';
import { Autonomy } from './autonomy/autonomy.ts';
import { DesiredState } from './autonomy/desired-state.ts';
import { Orders } from './autonomy/orders.ts';
import { lineOf } from './configuration.ts';
import type { GatewayDependencies } from './dependencies.ts';
import { AvailabilityBoard } from './devices/availability.ts';
import { FailSafes } from './devices/fail-safe.ts';
import { patientEnough } from './devices/fail-safe-settings.ts';
import { createFieldDevices, type FieldDevice } from './devices/field-device.ts';
import { ReadLessons } from './devices/read-lessons.ts';
import type { Bus } from './modbus/bus.ts';
import { createFieldLines } from './modbus/field-lines.ts';
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

const openBuses = ({ configuration, clock, logger, lines = createFieldLines({ clock, logger }) }: GatewayDependencies) =>
  new Map(
    configuration.buses.map((bus): [string, Bus] => [
      bus.id,
      lines.open({ id: bus.id, line: lineOf(bus), timeoutMs: bus.timeoutMs, readOnly: configuration.readOnly }),
    ]),
  );

const pointsOfDwellings = (devices: readonly FieldDevice[]): ReadonlySet<PointId> =>
  new Set(devices.flatMap(({ privacy, point }) => (privacy === 'dwelling' && point !== null ? [point] : [])));

/** What keeps and carries: the journal, the outbox, the grain, the documents, the orders. */
const assembleKeeping = (deps: GatewayDependencies, boot: number, devices: readonly FieldDevice[], voice: GatewayVoice) => {
  const { configuration, bus, log, shelf, clock, logger } = deps;
  const { id: gateway, outbox: limits, zone } = configuration;
  const journal = new Journal({ clock, publishReport: (report) => voice.report(report) });
  const outbox = new Outbox({ gateway, boot, log, bus, clock, logger, limitBytes: limits.limitBytes });
  const desired = new DesiredState({
    shelf,
    logger,
    journal,
    onApplied: (name) => voice.applied(name),
    onRefused: () => voice.status(),
  });
  return {
    journal,
    outbox,
    desired,
    grain: new Grain({ shelf, clock, zone: timeZone(zone), points: pointsOfDwellings(devices) }),
    orders: new Orders({ shelf, clock, journal }),
    memory: new TelecommandMemory(shelf, clock),
    flush: async (): Promise<void> => {
      if (!journal.isEmpty) await outbox.append({ readings: [], ...asBatch(journal) });
    },
  };
};

/** What acts: the lights, and the orders of a moment. */
const assembleActing = (
  { configuration, clock, logger }: GatewayDependencies,
  devices: readonly FieldDevice[],
  { desired, orders, journal, memory, flush }: ReturnType<typeof assembleKeeping>,
) => {
  const provisional = () => memory.provisional();
  const autonomy = new Autonomy({ configuration, devices, desired, orders, journal, clock, logger, provisional, flush });
  const byId = new Map(devices.map((device) => [device.id, device]));
  const { id: gateway, readOnly } = configuration;
  const telecommands = new Telecommands({ gateway, readOnly, devices: byId, autonomy, memory, journal, clock, logger });
  return { autonomy, telecommands };
};

/** The rooms of a gateway, put together. */
export const assembleRooms = (deps: GatewayDependencies, boot: number, voice: GatewayVoice) => {
  const { configuration, profiles, clock, logger } = deps;
  const buses = openBuses(deps);
  const lessons = new ReadLessons({ shelf: deps.shelf, logger });
  const devices = createFieldDevices(configuration, profiles, buses, { lessons, clock });
  const keeping = assembleKeeping(deps, boot, devices, voice);
  const { journal, outbox, grain } = keeping;
  const acting = assembleActing(deps, devices, keeping);
  const { autonomy } = acting;
  const publish = (device: DeviceId, message: Availability): void => voice.availability(device, message);
  const availability = new AvailabilityBoard({ clock, logger, journal, publish });
  const failSafes = new FailSafes({
    settings: patientEnough(configuration.failSafe, configuration.poll),
    clock,
    logger,
    journal,
  });
  const shared = { poll: configuration.poll, clock, logger, outbox, journal, grain };
  const rounds = [...buses.values()].map(
    (bus) =>
      new Rounds({
        ...shared,
        devices: devices.filter((device) => device.bus === bus),
        observe: (reading, startedAt) => {
          availability.observe(reading);
          failSafes.observe(reading);
          autonomy.observe(reading, startedAt);
        },
        published: (readings) => autonomy.published(readings),
        commandedLevel: (device) => autonomy.light(device.id)?.commanded ?? null,
      }),
  );
  return { boot, buses, lessons, devices, availability, failSafes, rounds, ...keeping, ...acting };
};

export type GatewayRooms = ReturnType<typeof assembleRooms>;
