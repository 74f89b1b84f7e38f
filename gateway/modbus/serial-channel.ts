import { SerialPort } from 'serialport';
import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { OpenByteChannel } from './byte-link.ts';
import type { SerialSpeed } from './transport.ts';

const OPEN_TIMEOUT_MS = 3000;

/** A serial port of this machine, alone on it. */
export const openSerialChannel =
  ({ path, baudRate, parity, stopBits }: { readonly path: string } & SerialSpeed, clock: Clock): OpenByteChannel =>
  (listener) => {
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<OpenByteChannel>>>();
    const port = new SerialPort({ path, baudRate, parity, stopBits, dataBits: 8, lock: true, autoOpen: false });
    let isEnded = false;
    const end = (reason: string): void => {
      if (isEnded) return;
      isEnded = true;
      if (port.isOpen) port.close(() => undefined);
      reject(new Error(reason));
      listener.lost(reason);
    };
    const deadline = clock.after(OPEN_TIMEOUT_MS, () => end(`the port did not open in ${OPEN_TIMEOUT_MS} ms`));
    port.on('error', (error) => end(reasonOf(error)));
    port.on('close', (error: unknown) => end(error === null || error === undefined ? 'the port was closed' : reasonOf(error)));
    port.on('data', (bytes: Buffer) => listener.received(bytes));
    port.open((error) => {
      deadline.cancel();
      if (error !== null && error !== undefined) end(reasonOf(error));
      else if (isEnded) port.close(() => undefined);
      else
        resolve({
          write: (bytes) => void port.write(Buffer.from(bytes)),
          close: () => {
            isEnded = true;
            if (port.isOpen) port.close(() => undefined);
          },
        });
    });
    return promise;
  };
