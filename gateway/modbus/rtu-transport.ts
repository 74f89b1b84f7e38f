import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Monotonic, Timer } from '#contract/ports/clock.ts';
import type { Instant } from '#domain/civil-time.ts';
import { ByteLink, type OpenByteChannel } from './byte-link.ts';
import { deadline } from './deadline.ts';
import { OtherMasters } from './other-masters.ts';
import { answerBytes, encodeRtu, readAnswer, rtuBytes, WRONG_CRC } from './rtu-frames.ts';
import { silenceMs, wireMs } from './serial-timing.ts';
import type { ModbusAnswer, ModbusTransport, SerialSpeed } from './transport.ts';
import { WirePace } from './wire-pace.ts';

/** What stands for a time-out before the first request. */
const FIRST_HOLD_MS = 300;
/** On top of a quarantine: an answer that began in its last moment. */
export const QUARANTINE_MARGIN_MS = 20;
/** A driver that turns from speaking to listening may add bytes that are no unit's number. */
const MOST_GLITCH_BYTES = 2;

interface InFlight {
  readonly unitId: number;
  readonly frame: Buffer;
  readonly timeoutMs: number;
  /** Monotonic: until then it may wait for the line to be silent. */
  readonly waitsUntil: number;
  readonly resolve: (answer: ModbusAnswer) => void;
  readonly reject: (reason: Fault) => void;
  timer: Timer | null;
  sent: { readonly at: Monotonic; readonly startedAt: Instant } | null;
  isEchoTaken: boolean;
  glitchBytes: number;
}

export interface RtuLine {
  readonly bus: string;
  /** As faults say it. */
  readonly address: string;
  readonly speed: SerialSpeed;
  readonly open: OpenByteChannel;
  readonly clock: Clock;
}

/**
 * RTU frames, one request in flight. An RTU answer says neither its request nor its address, so what keeps values right is
 * when the line is spoken to: after a time-out, a strange byte or a lost link, no request leaves before twice the time-out and
 * all that arrives is dropped; while another master's exchange is heard, no request leaves before its end; and none leaves before
 * everything that had reached this machine was heard. An answer must be the first thing heard after its request, of its unit,
 * function and length, and no sooner than the wire carries it. An answer that begins later than twice the time-out, in the
 * place of another of the same unit, function and length, cannot be told from it by its bytes.
 */
export class RtuTransport implements ModbusTransport {
  readonly #line: RtuLine;
  readonly #link: ByteLink;
  readonly #silenceMs: number;
  readonly #pace = new WirePace();
  readonly #others = new OtherMasters();
  #inFlight: InFlight | null = null;
  #received: Buffer = Buffer.alloc(0);
  #lastByteAt = Number.NEGATIVE_INFINITY;
  #quarantinedUntil = Number.NEGATIVE_INFINITY;
  #holdMs = FIRST_HOLD_MS;
  /**
   * The adapter gives back what it sends. Learnt from reads, whose answer never looks like its request; before the first
   * one, the echo of a write counts as its answer, and only the read-back tells.
   */
  #hearsItself = false;

  constructor(line: RtuLine) {
    this.#line = line;
    this.#silenceMs = silenceMs(line.speed);
    this.#link = new ByteLink(line.open, {
      received: (bytes) => this.#receive(bytes),
      lost: (reason) => this.#lose(reason),
    });
  }

  get isConnected(): boolean {
    return this.#link.isOpen;
  }

  async connect(): Promise<void> {
    this.#hearsItself = false;
    try {
      await this.#link.connect();
    } catch (thrown) {
      throw this.#disconnected(reasonOf(thrown), thrown);
    }
    // What was said before is not known: the first request, too, leaves after a silence.
    this.#lastByteAt = this.#now();
  }

  async request(unitId: number, pdu: Uint8Array, timeoutMs: number): Promise<ModbusAnswer> {
    if (!this.#link.isOpen) throw this.#disconnected('no connection');
    if (this.#inFlight !== null) throw new Error('a bus carries one request at a time');
    const frame = encodeRtu(unitId, pdu);
    answerBytes(frame);
    const { promise, resolve, reject } = Promise.withResolvers<ModbusAnswer>();
    const waitsUntil = Math.max(this.#now(), this.#silentAt(unitId)) + 2 * Math.max(timeoutMs, this.#holdMs);
    const unsent = { timer: null, sent: null, isEchoTaken: false, glitchBytes: 0 };
    this.#inFlight = { unitId, frame, timeoutMs, waitsUntil, resolve, reject, ...unsent };
    this.#sendWhenSilent(this.#inFlight);
    return promise;
  }

  close(): void {
    this.#link.close();
    this.#settle(({ reject }) => reject(this.#disconnected('closed by the gateway')));
  }

  /** A device server gives an answer to whoever is connected when it comes. */
  #lose(reason: string): void {
    if (this.#inFlight !== null && this.#inFlight.sent !== null) this.#quarantineAfter(this.#inFlight);
    this.#settle(({ reject }) => reject(this.#disconnected(reason)));
  }

  #sendWhenSilent(request: InFlight): void {
    const silentAt = this.#silentAt(request.unitId);
    const leftMs = silentAt - this.#now();
    if (leftMs <= 0) this.#link.caughtUp(() => this.#sendIfStillSilent(request));
    else if (silentAt > request.waitsUntil) this.#refuse(request, 'the line is never silent: another master speaks');
    else request.timer = this.#line.clock.after(Math.ceil(leftMs), () => this.#sendWhenSilent(request));
  }

  /** A process that was held up hears that its wait has ended before it hears what came meanwhile: only now it has heard it. */
  #sendIfStillSilent(request: InFlight): void {
    if (this.#inFlight !== request) return;
    if (this.#silentAt(request.unitId) <= this.#now()) this.#send(request);
    else this.#sendWhenSilent(request);
  }

  /** For the unit that is to be asked. */
  #silentAt(unitId: number): number {
    return Math.max(this.#quarantinedUntil, this.#others.freeAt(unitId), this.#lastByteAt + this.#silenceMs);
  }

  #send(request: InFlight): void {
    const { clock } = this.#line;
    const { frame, timeoutMs } = request;
    this.#received = Buffer.alloc(0);
    this.#others.forget();
    this.#holdMs = timeoutMs;
    request.sent = { at: clock.monotonicNow(), startedAt: clock.civilNow() };
    request.timer = deadline(clock, timeoutMs + this.#wireMs(frame), () => this.#link.caughtUp(() => this.#giveUp(request)));
    this.#link.write(frame);
  }

  /** The request and its answer. */
  #wireMs(frame: Buffer): number {
    return wireMs(this.#line.speed, frame.length + answerBytes(frame));
  }

  #giveUp(request: InFlight): void {
    if (this.#inFlight !== request) return;
    const { unitId, timeoutMs } = request;
    this.#quarantineAfter(request);
    const bytes = this.#received.length;
    if (bytes > 0) this.#refuse(request, `${bytes} bytes, then nothing`);
    else
      this.#settle(({ reject }) =>
        reject(
          fault('DEVICE_SILENT', { device: `unit ${unitId}`, bus: this.#line.bus, unitId, since: `${Math.round(timeoutMs)} ms` }),
        ),
      );
  }

  #receive(bytes: Buffer): void {
    this.#lastByteAt = this.#now();
    const request = this.#inFlight;
    if (request === null || request.sent === null) {
      this.#others.hear(bytes, this.#now(), this.#holdMs);
      return;
    }
    this.#received = Buffer.concat([this.#received, bytes]);
    this.#examine(request, request.sent);
  }

  #examine(request: InFlight, sent: NonNullable<InFlight['sent']>): void {
    this.#dropGlitches(request);
    if (this.#hearsItself && this.#takesEcho(request) === 'waits') return;
    const reading = readAnswer(request.frame, this.#received);
    switch (reading.kind) {
      case 'incomplete':
        return;
      case 'frame':
        if (this.#isTooSoon(request, sent, reading.pdu)) return;
        if ((request.frame[1] ?? 0) <= 4) this.#hearsItself = request.isEchoTaken;
        this.#accept(request, sent, reading.pdu);
        if (reading.rest.length > 0) this.#others.hear(reading.rest, this.#now(), this.#holdMs);
        return;
      case 'foreign':
        this.#examineEcho(request, sent, reading.reason);
    }
  }

  /** Refuses an answer that the wire cannot have carried since its request left. */
  #isTooSoon(request: InFlight, sent: NonNullable<InFlight['sent']>, pdu: Uint8Array): boolean {
    const tookMs = this.#now() - sent.at;
    const leastMs = wireMs(this.#line.speed, request.frame.length + rtuBytes(pdu));
    if (this.#pace.allows(tookMs, leastMs)) return false;
    this.#quarantineAfter(request);
    this.#refuse(request, `it came after ${Math.round(tookMs)} ms, and the line takes ${Math.round(leastMs)} ms for both`);
    return true;
  }

  #examineEcho(request: InFlight, sent: NonNullable<InFlight['sent']>, reason: string): void {
    const echo = request.isEchoTaken ? 'none' : this.#takesEcho(request);
    if (echo === 'waits') return;
    if (echo === 'taken') {
      this.#hearsItself = true;
      this.#examine(request, sent);
      return;
    }
    if (reason === WRONG_CRC) this.#quarantine(this.#now() + request.timeoutMs);
    else this.#quarantineAfter(request);
    this.#refuse(request, reason);
  }

  #takesEcho(request: InFlight): 'taken' | 'waits' | 'none' {
    const { frame } = request;
    const length = Math.min(frame.length, this.#received.length);
    if (request.isEchoTaken || !this.#received.subarray(0, length).equals(frame.subarray(0, length))) return 'none';
    if (length < frame.length) return 'waits';
    this.#received = this.#received.subarray(frame.length);
    request.isEchoTaken = true;
    return 'taken';
  }

  #dropGlitches(request: InFlight): void {
    while (request.glitchBytes < MOST_GLITCH_BYTES && (this.#received[0] === 0x00 || this.#received[0] === 0xff)) {
      this.#received = this.#received.subarray(1);
      request.glitchBytes += 1;
    }
  }

  #accept({ frame }: InFlight, sent: NonNullable<InFlight['sent']>, pdu: Uint8Array): void {
    const responseMs = Math.max(0, this.#now() - sent.at - this.#wireMs(frame));
    const endedAt = this.#line.clock.civilNow();
    this.#settle(({ resolve }) => resolve({ pdu, startedAt: sent.startedAt, endedAt, responseMs }));
  }

  /** Its answer may still come, up to twice the time-out after it left. */
  #quarantineAfter({ frame, timeoutMs, sent }: InFlight): void {
    const now = this.#now();
    this.#quarantine(Math.max(now + timeoutMs, (sent?.at ?? now) + this.#wireMs(frame) + 2 * timeoutMs));
  }

  #quarantine(until: number): void {
    this.#quarantinedUntil = until + QUARANTINE_MARGIN_MS;
  }

  #settle(end: (request: InFlight) => void): void {
    const request = this.#inFlight;
    if (request === null) return;
    this.#inFlight = null;
    request.timer?.cancel();
    end(request);
  }

  #refuse({ unitId }: InFlight, reason: string): void {
    this.#settle(({ reject }) =>
      reject(fault('MODBUS_REPLY_INVALID', { device: `unit ${unitId}`, bus: this.#line.bus, unitId, reason })),
    );
  }

  #disconnected(reason: string, cause?: unknown): Fault {
    const { bus, address } = this.#line;
    return fault('BUS_DISCONNECTED', { bus, address, reason }, cause);
  }

  #now(): Monotonic {
    return this.#line.clock.monotonicNow();
  }
}
