import { connect, createServer, type Socket } from 'node:net';

/** A cable between a client and a server of loopback, that a test can pull out. */
export interface TcpProxy {
  readonly port: number;
  /** Pulls it out: open connections end, new ones are refused at once. */
  cut(): void;
  restore(): void;
  /** Nothing more comes through in either direction, and nobody is told. */
  freeze(): void;
  stop(): Promise<void>;
}

/** `oneWayMs`: how long the cable is, in each direction. */
export const startTcpProxy = async (targetPort: number, oneWayMs = 0): Promise<TcpProxy> => {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isFrozen = false;

  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    const pass = (chunk: Buffer): void => {
      if (!isFrozen && !other.destroyed) other.write(chunk);
    };
    socket.on('data', (chunk) => {
      if (oneWayMs === 0) pass(chunk);
      else setTimeout(() => pass(chunk), oneWayMs);
    });
    socket.on('error', () => other.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    keep(near, far);
    keep(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    port: address.port,
    cut() {
      isCut = true;
      endAll();
    },
    restore() {
      isCut = false;
      isFrozen = false;
    },
    freeze() {
      isFrozen = true;
    },
    stop() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
