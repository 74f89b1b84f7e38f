import { connect as connectSocket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { reasonOf } from '#contract/errors.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { ByteChannel, OpenByteChannel } from './byte-link.ts';

const CONNECT_TIMEOUT_MS = 3000;

/** A turn of the event loop asks every socket what came and gives it out: after two, one has begun and ended meanwhile. */
const afterWholeTurn = (then: () => void): void =>
  void nextTurn()
    .then(() => nextTurn())
    .then(then);

export const openTcpChannel =
  (address: { readonly host: string; readonly port: number }, clock: Clock): OpenByteChannel =>
  (listener) => {
    const { promise, resolve, reject } = Promise.withResolvers<ByteChannel>();
    const socket = connectSocket({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
    const deadline = clock.after(CONNECT_TIMEOUT_MS, () =>
      socket.destroy(new Error(`no connection in ${CONNECT_TIMEOUT_MS} ms`)),
    );
    let isOpen = false;
    let failure: unknown = 'the peer closed the connection';
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      deadline.cancel();
      if (isOpen) listener.lost(reasonOf(failure));
      else reject(new Error(reasonOf(failure), { cause: failure }));
    });
    socket.on('connect', () => {
      deadline.cancel();
      isOpen = true;
      resolve({
        write: (bytes) => void socket.write(bytes),
        caughtUp: afterWholeTurn,
        close: () => void socket.destroy(),
      });
    });
    socket.on('data', (bytes: Buffer) => listener.received(bytes));
    return promise;
  };
