import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface ScriptedRequest {
  readonly transaction: number;
  readonly unitId: number;
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
  readonly pdu: Buffer;
  /** Answers with a function's fields, under any transaction id; raw bytes go out as they are. */
  reply(pdu: readonly number[], transaction?: number): void;
  raw(bytes: Buffer): void;
  reset(): void;
}

export interface ScriptedServer {
  readonly port: number;
  readonly requests: ScriptedRequest[];
  /** Resolves when `count` requests have come. */
  received(count: number): Promise<void>;
  /** How many were ever made. */
  connections(): number;
  /** What is done with each request from now on. */
  script: (request: ScriptedRequest) => void;
  close(): Promise<void>;
}

/** The answer of a read: its words count up from the address asked, so a displaced answer is seen. */
export const wordsFromAddress = (request: Pick<ScriptedRequest, 'functionCode' | 'address' | 'count'>): readonly number[] => [
  request.functionCode,
  request.count * 2,
  ...Array.from({ length: request.count }, (_each, index) => request.address + index).flatMap((word) => [word >> 8, word & 0xff]),
];

/** A Modbus TCP server whose every answer is written by the test. */
export const startScriptedServer = async (script: (request: ScriptedRequest) => void): Promise<ScriptedServer> => {
  const sockets = new Set<Socket>();
  const requests: ScriptedRequest[] = [];
  const waiters: { count: number; resolve: () => void }[] = [];
  let made = 0;
  const server = createServer((socket) => {
    made += 1;
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      while (received.length >= 6 && received.length >= 6 + received.readUInt16BE(4)) {
        const frame = received.subarray(0, 6 + received.readUInt16BE(4));
        received = received.subarray(frame.length);
        const request = requestFrom(frame, socket);
        requests.push(request);
        for (const waiter of waiters) if (requests.length >= waiter.count) waiter.resolve();
        running.script(request);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const running: ScriptedServer = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    requests,
    connections: () => made,
    script,
    received: (count) =>
      requests.length >= count ? Promise.resolve() : new Promise((resolve) => waiters.push({ count, resolve })),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return running;
};

const requestFrom = (frame: Buffer, socket: Socket): ScriptedRequest => {
  const transaction = frame.readUInt16BE(0);
  const unitId = frame.readUInt8(6);
  const pdu = frame.subarray(7);
  return {
    transaction,
    unitId,
    functionCode: pdu.readUInt8(0),
    address: pdu.readUInt16BE(1),
    count: pdu.length < 5 ? 0 : pdu.readUInt16BE(3),
    pdu,
    reply: (answer, id = transaction) => {
      const header = Buffer.from([id >> 8, id & 0xff, 0, 0, 0, answer.length + 1, unitId]);
      socket.write(Buffer.concat([header, Buffer.from(answer)]));
    },
    raw: (bytes) => socket.write(bytes),
    reset: () => socket.resetAndDestroy(),
  };
};
