import { fault, reasonOf } from '#contract/errors.ts';
import { ackMessage } from '#contract/messages/ack.ts';
import type { Availability } from '#contract/messages/device.ts';
import type { Report } from '#contract/messages/report.ts';
import type { Timer } from '#contract/ports/clock.ts';
import type { Service, ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { Subscription } from '#contract/ports/message-bus.ts';
import type { GatewayOverview } from '#contract/routes/gateway.ts';
import { DOCUMENT_NAMES, type DocumentName, filters, topics } from '#contract/topics.ts';
import type { DeviceId } from '#domain/identifiers.ts';
import { captureFrames, type FrameCapture } from './bus-health/capture-frames.ts';
import type { GatewayFile } from './configuration.ts';
import type { GatewayDependencies } from './dependencies.ts';
import type { FieldChange } from './field/live-field.ts';
import { overviewOf } from './overview.ts';
import { assembleRooms, type GatewayRooms, type GatewayVoice } from './rooms.ts';
import { gatewayLastWill, keepBoot, onlineStatus, readBoot } from './status.ts';

const STATUS_PERIOD_MS = 30_000;
const WHY_STORAGE = {
  thinned: 'the outbox is full: measurements are thinned by class',
  refused: 'the disk refuses what is appended: measurements wait in memory',
} as const;

export interface Gateway extends Service {
  /** Brings the lights to their level of now, then reads every device once. Resolves when the round is in the outbox. */
  readRound(): Promise<void>;
  /** Resolves when everything appended so far is acknowledged. */
  outboxDrained(): Promise<void>;
  overview(): GatewayOverview;
  /**
   * Reads its file again and puts it in force as a whole, while it goes on reading. Rejects with the fault of the file, which
   * `status` says too; then nothing has changed.
   */
  reconfigure(read: () => Promise<GatewayFile>): Promise<void>;
  /** Listens to its buses, or to one of them. Rejects with `NOT_FOUND` for a bus that it does not have. */
  capture(options: { readonly bus?: string; readonly durationMs: number; readonly signal: AbortSignal }): Promise<FrameCapture>;
}

/** The field side: polls, keeps, obeys alone, proves. Does nothing until `start()`. */
export const createGateway = (deps: GatewayDependencies): Gateway => new EdgeGateway(deps);

class EdgeGateway implements Gateway, GatewayVoice {
  readonly name: string;
  readonly #deps: GatewayDependencies;
  #rooms: GatewayRooms | null = null;
  #state: ServiceHealth['state'] = 'stopped';
  #statusTimer: Timer | null = null;
  #subscriptions: Subscription[] = [];
  #unlisten: (() => void) | null = null;

  constructor(deps: GatewayDependencies) {
    this.#deps = deps;
    this.name = deps.configuration.id;
  }

  async start(): Promise<void> {
    if (this.#rooms !== null) return;
    this.#state = 'starting';
    const { shelf, logger, version, bus } = this.#deps;
    const boot = await readBoot(shelf);
    await keepBoot(shelf, boot);
    const rooms = assembleRooms(this.#deps, boot, this);
    this.#rooms = rooms;
    await Promise.all([
      rooms.lessons.start(),
      rooms.grain.start(),
      rooms.desired.start(),
      rooms.orders.start(),
      rooms.memory.start(),
      rooms.meters.start(),
      rooms.introduction.start(),
    ]);
    const refusal = await rooms.reconfiguration.begin(rooms.desired.get('devices'));
    if (refusal !== null) rooms.desired.withdraw('devices', refusal);
    rooms.grain.obey(rooms.desired.get('consents'));
    rooms.journal.event('gateway-started', null, { boot, version });
    await rooms.outbox.start((payload) => rooms.grain.recover(payload));
    await this.#subscribe(rooms);
    this.#unlisten = bus.onState((state) => {
      if (state === 'connected') this.#introduce();
    });
    if (bus.state() === 'connected') this.#introduce();
    rooms.autonomy.start();
    rooms.rounds.start();
    this.#repeatStatus();
    this.#state = 'ready';
    logger.info('gateway-started', { gateway: this.name, boot, devices: rooms.field.devices.length });
  }

  async stop(): Promise<void> {
    const rooms = this.#rooms;
    if (rooms === null || this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#statusTimer?.cancel();
    this.#unlisten?.();
    await Promise.all([rooms.autonomy.stop(), rooms.failSafes.stop(), rooms.rounds.stop(), rooms.field.left()]);
    rooms.field.close();
    await rooms.flush().catch((thrown: unknown) => this.#deps.logger.error('last-batch-was-not-kept', { why: reasonOf(thrown) }));
    rooms.outbox.stop();
    await rooms.lessons.saved();
    for (const subscription of this.#subscriptions.splice(0)) await subscription.cancel();
    const { topic, payload } = gatewayLastWill(this.#deps.configuration.id, rooms.boot, this.#deps.version);
    await this.#publish(topic, payload, true);
    this.#rooms = null;
    this.#deps.logger.info('gateway-stopped', { gateway: this.name });
  }

  health(): ServiceHealth {
    const rooms = this.#rooms;
    if (rooms === null) return { state: this.#state };
    const offline = rooms.availability.count('offline');
    const figures = { outboxDepth: rooms.outbox.depth, devices: rooms.field.devices.length, devicesOffline: offline };
    if (this.#state === 'ready' && rooms.outbox.storage !== 'kept')
      return { state: 'degraded', why: WHY_STORAGE[rooms.outbox.storage], figures };
    if (this.#state === 'ready' && this.#deps.bus.state() === 'disconnected')
      return { state: 'degraded', why: 'no link to the broker: measurements wait on disk', figures };
    if (this.#state === 'ready' && offline > 0) return { state: 'degraded', why: `${offline} devices do not answer`, figures };
    return { state: this.#state, figures };
  }

  async readRound(): Promise<void> {
    await this.#rooms?.autonomy.settle();
    await this.#rooms?.rounds.readAll();
  }

  outboxDrained(): Promise<void> {
    return this.#rooms?.outbox.drained() ?? Promise.resolve();
  }

  report(report: Report): void {
    void this.#publish(topics.reports(this.#deps.configuration.id), JSON.stringify(report), false);
  }

  availability(device: DeviceId, message: Availability): void {
    void this.say(topics.availability(this.#deps.configuration.id, device), JSON.stringify(message));
  }

  overview(): GatewayOverview {
    return overviewOf(this.#deps, this.#rooms, this.health());
  }

  async capture({ bus, durationMs, signal }: Parameters<Gateway['capture']>[0]): Promise<FrameCapture> {
    const all = this.#rooms?.field.buses ?? [];
    const buses = bus === undefined ? all : all.filter(({ id }) => id === bus);
    if (buses.length === 0) throw fault('NOT_FOUND');
    return captureFrames({ buses, durationMs, clock: this.#deps.clock, signal });
  }

  async reconfigure(read: () => Promise<GatewayFile>): Promise<void> {
    const rooms = this.#rooms;
    if (rooms === null) return;
    try {
      await rooms.reconfiguration.file(read);
      await rooms.desired.reconsider('devices');
    } finally {
      this.status();
    }
  }

  say(topic: string, payload: string): Promise<boolean> {
    return this.#publish(topic, payload, true);
  }

  changed({ renewed, devices, layout }: FieldChange): void {
    if (this.#state === 'ready') void this.#rooms?.introduction.introduce(renewed, devices, layout);
  }

  applied(name: DocumentName): void {
    const rooms = this.#rooms;
    if (rooms === null) return;
    if (name === 'consents') rooms.grain.obey(rooms.desired.get('consents'));
    if (name === 'programs' || name === 'overrides') rooms.autonomy.obey();
    if (name === 'overrides') void this.#giveOver(rooms);
    this.status();
  }

  status(): void {
    void this.#sayStatus();
  }

  async #giveOver({ desired, memory }: GatewayRooms): Promise<void> {
    try {
      await memory.giveOver(desired.get('overrides')?.overrides.map(({ id }) => id) ?? []);
    } catch (thrown) {
      this.#deps.logger.error('telecommands-were-not-kept', { why: reasonOf(thrown) });
    }
  }

  async #subscribe(rooms: GatewayRooms): Promise<void> {
    const { bus, configuration, logger } = this.#deps;
    const { id } = configuration;
    const telecommand = (topic: string, payload: Uint8Array): void => void rooms.telecommands.receive(topic, payload);
    const wanted: readonly (readonly [string, (topic: string, payload: Uint8Array) => void])[] = [
      [topics.ack(id), (topic, payload) => this.#acknowledge(topic, payload)],
      [filters.deviceTelecommands(id), telecommand],
      [filters.groupTelecommands(id), telecommand],
      ...DOCUMENT_NAMES.map(
        (name) =>
          [
            topics.document(id, name),
            (_topic: string, payload: Uint8Array) => void rooms.desired.receive(name, payload),
          ] as const,
      ),
    ];
    for (const [filter, handler] of wanted) this.#subscriptions.push(await bus.subscribe(filter, handler));
    void bus.connect().catch((thrown: unknown) => logger.warn('broker-was-left', { why: reasonOf(thrown) }));
  }

  #acknowledge(topic: string, payload: Uint8Array): void {
    const { logger } = this.#deps;
    try {
      const parsed = ackMessage.safeParse(JSON.parse(new TextDecoder().decode(payload)));
      if (parsed.success) this.#rooms?.outbox.acknowledge(parsed.data);
      else logger.warn('acknowledgement-was-not-valid', { topic, why: parsed.error.message });
    } catch (thrown) {
      logger.warn('acknowledgement-was-not-valid', { topic, why: reasonOf(thrown) });
    }
  }

  /** Says all that is retained: the broker may have lost it. */
  #introduce(): void {
    const rooms = this.#rooms;
    if (rooms === null) return;
    const { devices } = rooms.field;
    this.status();
    void rooms.introduction.introduce(devices, devices, rooms.reconfiguration.layout);
    for (const [device, message] of rooms.availability.all()) this.availability(device, message);
  }

  #repeatStatus(): void {
    this.#statusTimer = this.#deps.clock.after(STATUS_PERIOD_MS, () => {
      this.status();
      this.#repeatStatus();
    });
  }

  async #sayStatus(): Promise<void> {
    const rooms = this.#rooms;
    if (rooms === null || this.#state === 'stopped') return;
    const { version, clock, configuration } = this.#deps;
    const { boot, desired, outbox } = rooms;
    const { refusedFile } = rooms.reconfiguration;
    const oldestAt = await outbox.oldestAt();
    const message = onlineStatus({ boot, version, clock, desired, refusedFile, outbox, oldestAt });
    if (this.#rooms === rooms) await this.#publish(topics.status(configuration.id), JSON.stringify(message), true);
  }

  /** What is lost with the link is said again at the next one (retained), or travels in the outbox too (reports). */
  async #publish(topic: string, payload: string, retain: boolean): Promise<boolean> {
    const { bus, logger } = this.#deps;
    if (bus.state() !== 'connected') return false;
    try {
      await bus.publish(topic, payload, { qos: 1, retain });
      return true;
    } catch (thrown) {
      if (bus.state() === 'connected') logger.warn('message-was-not-sent', { topic, why: reasonOf(thrown) });
      return false;
    }
  }
}
