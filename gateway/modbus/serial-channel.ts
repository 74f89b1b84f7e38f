import { readSync, writeSync } from 'node:fs';
import type { SerialPort } from 'serialport';
import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { ByteChannel, ByteListener, OpenByteChannel } from './byte-link.ts';
import type { SerialSpeed } from './transport.ts';

const OPEN_TIMEOUT_MS = 3000;
const READ_BYTES = 4096;
/** 64 KiB: all that a driver holds, and an end where something never stops speaking. */
const MOST_READS_AT_ONCE = 16;
const GONE = 'the port is gone';

type AnyPort = Awaited<ReturnType<typeof SerialPort.binding.open>>;
/** As it is opened on every system but Windows. */
type Port = Extract<AnyPort, { poller: unknown }>;

const openPort = async (path: string, speed: SerialSpeed): Promise<Port> => {
  // Its binary is loaded at the first port: a gateway without any never needs it.
  const { SerialPort } = await import('serialport');
  const port: AnyPort = await SerialPort.binding.open({ path, ...speed, dataBits: 8, lock: true });
  if ('poller' in port) return port;
  await port.close();
  throw new Error('this system cannot say whether a serial port has something to read');
};

const isNothingYet = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'EAGAIN' || thrown.code === 'EINTR');

/**
 * A port that is read and written where its bytes are needed, never in the thread pool, whose threads may be held up by a
 * slow disk or a busy machine: an answer that lay there while the next request left would be taken for that one's, and a
 * request that lay there would be answered too late.
 */
class SerialChannel implements ByteChannel {
  readonly #port: Port;
  readonly #fd: number;
  readonly #listener: ByteListener;
  readonly #bytes = Buffer.allocUnsafe(READ_BYTES);
  #isClosed = false;

  constructor(port: Port, fd: number, listener: ByteListener) {
    this.#port = port;
    this.#fd = fd;
    this.#listener = listener;
    this.#awaitBytes();
  }

  write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    try {
      const taken = writeSync(this.#fd, bytes);
      if (taken < bytes.length) this.#lose(`the port took ${taken} bytes of ${bytes.length}`);
    } catch (thrown) {
      this.#lose(reasonOf(thrown));
    }
  }

  caughtUp(then: () => void): void {
    this.#read();
    then();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What is closed may be gone already: there is nothing to do about it.
    this.#port.close().catch(() => undefined);
  }

  #awaitBytes(): void {
    this.#port.poller.once('readable', (error: unknown) => {
      this.#read();
      if (this.#isClosed) return;
      if (error instanceof Error) this.#lose(error.message);
      else this.#awaitBytes();
    });
  }

  #read(): void {
    for (let reads = 0; reads < MOST_READS_AT_ONCE && !this.#isClosed; reads += 1) {
      try {
        const count = readSync(this.#fd, this.#bytes, 0, READ_BYTES, null);
        if (count === 0) this.#lose(GONE);
        else this.#listener.received(Buffer.from(this.#bytes.subarray(0, count)));
      } catch (thrown) {
        if (!isNothingYet(thrown)) this.#lose(reasonOf(thrown));
        return;
      }
    }
  }

  #lose(reason: string): void {
    this.close();
    this.#listener.lost(reason);
  }
}

/** A serial port of this machine, alone on it. */
export const openSerialChannel =
  ({ path, baudRate, parity, stopBits }: { readonly path: string } & SerialSpeed, clock: Clock): OpenByteChannel =>
  async (listener) => {
    const { promise, resolve, reject } = Promise.withResolvers<ByteChannel>();
    let isTooLate = false;
    const patience = clock.after(OPEN_TIMEOUT_MS, () => {
      isTooLate = true;
      reject(new Error(`the port did not open in ${OPEN_TIMEOUT_MS} ms`));
    });
    openPort(path, { baudRate, parity, stopBits })
      .then(async (port) => {
        patience.cancel();
        if (isTooLate || port.fd === null) await port.close();
        else resolve(new SerialChannel(port, port.fd, listener));
      })
      .catch(reject);
    return promise;
  };
