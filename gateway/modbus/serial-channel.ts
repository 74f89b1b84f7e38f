import type { SerialPort } from 'serialport';
import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { ByteChannel, OpenByteChannel } from './byte-link.ts';
import type { SerialSpeed } from './transport.ts';

const OPEN_TIMEOUT_MS = 3000;

/** What is closed may be gone already: there is nothing to do about it. */
const closeQuietly = (port: SerialPort): void => {
  if (port.isOpen) port.close(() => undefined);
};

/** A serial port of this machine, alone on it. Its binary is loaded at the first one: a gateway without any never needs it. */
export const openSerialChannel =
  ({ path, baudRate, parity, stopBits }: { readonly path: string } & SerialSpeed, clock: Clock): OpenByteChannel =>
  async (listener) => {
    const { SerialPort } = await import('serialport');
    const { promise, resolve, reject } = Promise.withResolvers<ByteChannel>();
    const port = new SerialPort({ path, baudRate, parity, stopBits, dataBits: 8, lock: true, autoOpen: false });
    let isEnded = false;
    const end = (reason: string): void => {
      if (isEnded) return;
      isEnded = true;
      closeQuietly(port);
      reject(new Error(reason));
      listener.lost(reason);
    };
    const patience = clock.after(OPEN_TIMEOUT_MS, () => end(`the port did not open in ${OPEN_TIMEOUT_MS} ms`));
    port.on('error', (error) => end(reasonOf(error)));
    port.on('close', (error: unknown) => end(error instanceof Error ? error.message : 'the port was closed'));
    port.on('data', (bytes: Buffer) => listener.received(bytes));
    const close = (): void => {
      isEnded = true;
      closeQuietly(port);
    };
    port.open((error) => {
      patience.cancel();
      if (error instanceof Error) end(error.message);
      else if (isEnded) closeQuietly(port);
      else resolve({ write: (bytes) => void port.write(Buffer.from(bytes)), close });
    });
    return promise;
  };
