import { connect, type Socket } from 'node:net';

export interface ModbusSocket {
  /** Sends bytes as they are. */
  send(bytes: Buffer): void;
  /** The next whole answer, header included; rejects when the connection closes first. */
  answer(): Promise<Buffer>;
  /** Resolves once the other side has closed. */
  closed(): Promise<void>;
  /** Answers that came and nobody took. */
  readonly untaken: readonly Buffer[];
  end(): void;
}

/** A request frame: header, unit id, then the bytes of the request. */
export const requestFrame = (transactionId: number, unitId: number, ...request: readonly number[]): Buffer => {
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transactionId, 0);
  header.writeUInt16BE(request.length + 1, 4);
  header.writeUInt8(unitId, 6);
  return Buffer.concat([header, Buffer.from(request)]);
};

const cutAnswers = (pending: Buffer): { answers: Buffer[]; rest: Buffer } => {
  const answers: Buffer[] = [];
  let rest = pending;
  while (rest.length >= 6 && rest.length >= 6 + rest.readUInt16BE(4)) {
    const end = 6 + rest.readUInt16BE(4);
    answers.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return { answers, rest };
};

/** A bare Modbus TCP client, for what a proper one would not send. */
export const openModbusSocket = async (port: number): Promise<ModbusSocket> => {
  const socket: Socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    socket.once('error', reject);
  });
  const untaken: Buffer[] = [];
  const waiting: { resolve: (answer: Buffer) => void; reject: (why: Error) => void }[] = [];
  const whenClosed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    const { answers, rest } = cutAnswers(Buffer.concat([pending, bytes]));
    pending = Buffer.from(rest);
    for (const answer of answers) {
      const next = waiting.shift();
      if (next === undefined) untaken.push(answer);
      else next.resolve(answer);
    }
  });
  socket.on('error', (error) => {
    for (const next of waiting.splice(0)) next.reject(error);
  });
  socket.on('close', () => {
    for (const next of waiting.splice(0)) next.reject(new Error('closed'));
  });
  return {
    send: (bytes) => void socket.write(bytes),
    answer: () => {
      const ready = untaken.shift();
      return ready === undefined ? new Promise((resolve, reject) => waiting.push({ resolve, reject })) : Promise.resolve(ready);
    },
    closed: () => whenClosed,
    untaken,
    end: () => void socket.destroy(),
  };
};
