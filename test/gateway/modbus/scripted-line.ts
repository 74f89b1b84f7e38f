import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { encodeRtu } from '#gateway/modbus/rtu-frames.ts';
import type { ModbusLine } from '#gateway/modbus/transport.ts';
import { type CarryingWindow, startPty } from '#test/services/start-pty.ts';
import { startScriptedServer, wordsFromAddress } from './scripted-server.ts';

export interface LineRequest {
  readonly unitId: number;
  readonly functionCode: number;
  readonly address: number;
  readonly count: number;
  readonly pdu: Buffer;
  /** Answers with a function's fields. */
  reply(pdu: readonly number[], window?: CarryingWindow): void;
}

export interface ScriptedLine {
  readonly line: ModbusLine;
  script: (request: LineRequest) => void;
  /** Bytes that nobody asked for. */
  say(bytes: Uint8Array, window?: CarryingWindow): void;
  close(): Promise<void>;
}

const FASTEST = { baudRate: 115_200, parity: 'none', stopBits: 1 } as const;
const SHORT_REQUEST_BYTES = 8;
/** Function 43: read device identification. */
const IDENTIFY = { functionCode: 43, bytes: 7 };

/** Speaks within the window, as long as this process runs in it. */
const speakWithin = (window: CarryingWindow | undefined, speak: () => void): void => {
  if (window === undefined) return speak();
  const waitMs = window.fromMs - performance.now();
  if (waitMs > 0) setTimeout(() => speakWithin(window, speak), Math.ceil(waitMs));
  else if (performance.now() <= (window.untilMs ?? Number.POSITIVE_INFINITY)) speak();
};

interface Carrier {
  write(bytes: Uint8Array, window?: CarryingWindow): void;
}

/** The units of a line: takes requests from a stream of bytes, each in one or more pieces. */
const unitsOn = (carrier: Carrier, line: ModbusLine, close: () => Promise<void>) => {
  let heard = Buffer.alloc(0);
  const units: ScriptedLine = {
    line,
    script: (request) => request.reply(wordsFromAddress(request)),
    say: (bytes, window) => carrier.write(bytes, window),
    close,
  };
  const hear = (bytes: Buffer): void => {
    heard = Buffer.concat([heard, bytes]);
    while (heard.length >= IDENTIFY.bytes) {
      const short = heard[1] === IDENTIFY.functionCode ? IDENTIFY.bytes : SHORT_REQUEST_BYTES;
      const length = heard[1] === 16 ? 9 + (heard[6] ?? 0) : short;
      if (heard.length < length) return;
      const frame = heard.subarray(0, length);
      heard = heard.subarray(length);
      const unitId = frame.readUInt8(0);
      units.script({
        unitId,
        functionCode: frame.readUInt8(1),
        address: frame.readUInt16BE(2),
        count: frame.readUInt16BE(4),
        pdu: frame.subarray(1, -2),
        reply: (pdu, window) => carrier.write(encodeRtu(unitId, Uint8Array.from(pdu)), window),
      });
    }
  };
  return { units, hear };
};

/** RTU on a pseudo-terminal. */
export const startSerialLine = async (): Promise<ScriptedLine> => {
  const pty = await startPty();
  const { units, hear } = unitsOn(pty, { kind: 'rtu', path: pty.path, ...FASTEST }, () => pty.stop());
  pty.onBytes(hear);
  return units;
};

/** RTU frames, unchanged, over TCP. */
export const startRawLine = async (): Promise<ScriptedLine> => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', hear);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const carrier: Carrier = {
    write: (bytes, window) => speakWithin(window, () => sockets.forEach((socket) => socket.write(bytes))),
  };
  const { units, hear } = unitsOn(carrier, { kind: 'rtu-over-tcp', host: '127.0.0.1', port, ...FASTEST }, async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return units;
};

/** Modbus TCP, with the same script. */
export const startTcpLine = async (): Promise<ScriptedLine> => {
  const server = await startScriptedServer((request) =>
    units.script({ ...request, reply: (pdu, window) => speakWithin(window, () => request.reply(pdu)) }),
  );
  const units: ScriptedLine = {
    line: { kind: 'tcp', host: '127.0.0.1', port: server.port },
    script: (request) => request.reply(wordsFromAddress(request)),
    say: () => undefined,
    close: () => server.close(),
  };
  return units;
};
