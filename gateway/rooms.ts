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
import { FailSafes } from './devices/fail-safe.ts';
import { patientEnough } from './devices/fail-safe-settings.ts';
import type { FieldDevice } from './devices/field-device.ts';
import { ReadLessons } from './devices/read-lessons.ts';
import { Introduction } from './field/introduction.ts';
import { type FieldChange, LiveField } from './field/live-field.ts';
import { MeterReplacements } from './field/meter-replacements.ts';
import { Reconfiguration } from './field/reconfiguration.ts';
import { createFieldLines } from './modbus/field-lines.ts';
import { Journal } from './outbox/journal.ts';
import { Outbox } from './outbox/outbox.ts';
import { AllRounds } from './polling/all-rounds.ts';
import { Grain } from './polling/grain.ts';
import { asBatch } from './polling/rounds.ts';
import { TelecommandMemory } from './telecommand/telecommand-memory.ts';
import { Telecommands } from './telecommand/telecommands.ts';

/** How the rooms are heard outside. */
export interface GatewayVoice {
  report(report: Report): void;
  availability(device: DeviceId, message: Availability): void;
  /** Retained; an empty payload takes it back. True once the broker has it. */
  say(topic: string, payload: string): Promise<boolean>;
  /** A document has come into force. */
  applied(name: DocumentName): void;
  /** The set of devices is another one. */
  changed(change: FieldChange): void;
  status(): void;
}

const pointsOfDwellings = (devices: readonly FieldDevice[]): ReadonlySet<PointId> =>
  new Set(devices.flatMap(({ privacy, point }) => (privacy === 'dwelling' && point !== null ? [point] : [])));

/** What keeps and carries: the journal, the outbox, the grain, the orders. */
const assembleKeeping = (deps: GatewayDependencies, boot: number, voice: GatewayVoice) => {
  const { configuration, bus, log, shelf, clock, logger } = deps;
  const { id: gateway, outbox: limits, zone } = configuration;
  const journal = new Journal({ clock, publishReport: (report) => voice.report(report) });
  const outbox = new Outbox({ gateway, boot, log, bus, clock, logger, limitBytes: limits.limitBytes });
  return {
    journal,
    outbox,
    grain: new Grain({ shelf, clock, zone: timeZone(zone) }),
    orders: new Orders({ shelf, clock, journal }),
    memory: new TelecommandMemory(shelf, clock),
    meters: new MeterReplacements({ shelf, journal, clock, logger }),
    introduction: new Introduction({ gateway, shelf, clock, logger, say: (topic, payload) => voice.say(topic, payload) }),
    flush: async (): Promise<void> => {
      if (!journal.isEmpty) await outbox.append({ readings: [], ...asBatch(journal) });
    },
  };
};
type Keeping = ReturnType<typeof assembleKeeping>;

/** What hangs on the buses, and what puts it in force. */
const assembleField = (
  { configuration, profiles, shelf, clock, logger, lines = createFieldLines({ clock, logger }) }: GatewayDependencies,
  { journal, meters }: Keeping,
  onChange: (change: FieldChange) => Promise<void>,
) => {
  const lessons = new ReadLessons({ shelf, logger });
  const field = new LiveField({ lines, lessons, clock, onChange });
  const reconfiguration = new Reconfiguration({ configuration, library: profiles, field, meters, journal, logger });
  return { lessons, field, reconfiguration };
};

/** What obeys: the documents, the lights, and the orders of a moment. */
const assembleActing = (
  { configuration, shelf, clock, logger }: GatewayDependencies,
  { orders, journal, memory, flush }: Keeping,
  { field, reconfiguration }: ReturnType<typeof assembleField>,
  voice: GatewayVoice,
) => {
  const desired = new DesiredState({
    shelf,
    logger,
    journal,
    reconfigure: (document, keep) => reconfiguration.document(document, keep),
    onApplied: (name) => voice.applied(name),
    onRefused: () => voice.status(),
  });
  const provisional = () => memory.provisional();
  const autonomy = new Autonomy({ configuration, desired, orders, journal, clock, logger, provisional, flush });
  const { id: gateway, readOnly } = configuration;
  const deviceOf = (id: DeviceId) => field.device(id);
  const telecommands = new Telecommands({ gateway, readOnly, deviceOf, autonomy, memory, journal, clock, logger });
  return { desired, autonomy, telecommands };
};

/** What reads. */
const assembleReading = (
  { clock, logger }: GatewayDependencies,
  { outbox, journal, grain, meters }: Keeping,
  { reconfiguration, autonomy }: ReturnType<typeof assembleField> & ReturnType<typeof assembleActing>,
  voice: GatewayVoice,
) => {
  const publish = (device: DeviceId, message: Availability): void => voice.availability(device, message);
  const availability = new AvailabilityBoard({ clock, logger, journal, publish });
  const failSafes = new FailSafes({
    get settings() {
      const { failSafe, poll } = reconfiguration.layout.configuration;
      return patientEnough(failSafe, poll);
    },
    ...{ clock, logger, journal },
  });
  const rounds = new AllRounds({
    ...{ clock, logger, outbox, journal, grain },
    observe: (reading, startedAt) => {
      availability.observe(reading);
      failSafes.observe(reading);
      autonomy.observe(reading, startedAt);
    },
    judged: (reading, takenAt, doubtful) => meters.observe(reading, takenAt, doubtful),
    published: async (readings) => {
      autonomy.published(readings);
      await meters.published();
    },
    commandedLevel: (device) => autonomy.light(device.id)?.commanded ?? null,
  });
  return { availability, failSafes, rounds };
};

/** The rooms of a gateway, put together. Nothing hangs on the buses before `reconfiguration.begin()`. */
export const assembleRooms = (deps: GatewayDependencies, boot: number, voice: GatewayVoice) => {
  const keeping = assembleKeeping(deps, boot, voice);
  const hanging = assembleField(deps, keeping, (change) => onChange(change));
  const acting = assembleActing(deps, keeping, hanging, voice);
  const reading = assembleReading(deps, keeping, { ...hanging, ...acting }, voice);
  const onChange = async (change: FieldChange): Promise<void> => {
    keeping.grain.take(pointsOfDwellings(change.devices));
    reading.availability.forget(change.gone);
    const over = [reading.rounds.take(change), acting.autonomy.take(change.devices, change.groups)];
    voice.changed(change);
    await Promise.all(over);
  };
  return { boot, ...keeping, ...hanging, ...acting, ...reading };
};

export type GatewayRooms = ReturnType<typeof assembleRooms>;
