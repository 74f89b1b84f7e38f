import { createServer, type Server, type Socket } from 'node:net';
import { fault, reasonOf } from '#contract/errors.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { createFrameReader, type Frame, writeFrame } from './frame-reader.ts';
import { GATEWAY_TARGET_SILENT, ModbusException, SERVER_DEVICE_FAILURE } from './modbus-exception.ts';
import type { ModbusUnit } from './modbus-unit.ts';
import { answerRequest, exceptionAnswer } from './request-answer.ts';

/** How a unit behaves towards whoever asks: its own way, not at all, after a delay of elapsed time, or by refusing. */
export type UnitConduct =
  | { readonly kind: 'answers' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'late'; readonly delayMs: number }
  | { readonly kind: 'refuses'; readonly exception: number };

export interface ModbusServerDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What listens there and the option that chooses the port, for the sentence of PORT_IN_USE. */
  readonly use: string;
  readonly portOption: string;
  readonly units: ReadonlyMap<number, ModbusUnit>;
  /** Called before each request that a unit answers, so that what is read is of now. */
  readonly beforeRequest: () => void;
}

export interface ModbusServer {
  /** Rejects with PORT_IN_USE, or OPTION_INVALID when the address cannot be listened on. */
  start(): Promise<void>;
  /** Closes every connection. */
  stop(): Promise<void>;
  /** The real port; 0 while it does not listen. */
  port(): number;
  conduct(unitId: number, conduct: UnitConduct): void;
  figures(): {
    readonly clients: number;
    readonly requests: number;
    readonly refusals: number;
    readonly brokenConnections: number;
  };
}

const ANSWERS: UnitConduct = { kind: 'answers' };

const listen = (server: Server, { host, port, use, portOption }: ModbusServerDependencies): Promise<void> =>
  new Promise((resolve, reject) => {
    const refuse = (thrown: NodeJS.ErrnoException): void => {
      reject(
        thrown.code === 'EADDRINUSE'
          ? fault('PORT_IN_USE', { host, port, use, option: portOption }, thrown)
          : fault(
              'OPTION_INVALID',
              { option: portOption, problem: reasonOf(thrown), expected: 'Choose an address of this machine and a free port' },
              thrown,
            ),
      );
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });

/**
 * A Modbus TCP server with many units behind one port, as a TCP to serial gateway shows them: an unknown unit is answered with
 * exception 0x0B, unit 0 (broadcast) is not answered. Requests may be pipelined; each is answered under its transaction id.
 */
export const createModbusServer = (deps: ModbusServerDependencies): ModbusServer => {
  const conducts = new Map<number, UnitConduct>();
  const sockets = new Set<Socket>();
  const failedUnits = new Set<number>();
  const counts = { requests: 0, refusals: 0, brokenConnections: 0 };
  let port = 0;

  const exceptionOf = (unitId: number, thrown: unknown): number => {
    if (thrown instanceof ModbusException) return thrown.code;
    if (!failedUnits.has(unitId)) {
      failedUnits.add(unitId);
      deps.logger.error('simulated-unit-failed', { unitId, reason: reasonOf(thrown) });
    }
    return SERVER_DEVICE_FAILURE;
  };

  const refusal = (functionCode: number, exception: number): Buffer => {
    counts.refusals += 1;
    return exceptionAnswer(functionCode, exception);
  };

  const answer = ({ unitId, pdu }: Frame, conduct: UnitConduct): Buffer => {
    const functionCode = pdu[0] ?? 0;
    const unit = deps.units.get(unitId);
    if (unit === undefined) return refusal(functionCode, GATEWAY_TARGET_SILENT);
    if (conduct.kind === 'refuses') return refusal(functionCode, conduct.exception);
    try {
      deps.beforeRequest();
      return answerRequest(unit, pdu);
    } catch (thrown) {
      return refusal(functionCode, exceptionOf(unitId, thrown));
    }
  };

  const serve = (frame: Frame, socket: Socket, late: Set<Timer>): void => {
    counts.requests += 1;
    const conduct = conducts.get(frame.unitId) ?? ANSWERS;
    if (frame.unitId === 0 || conduct.kind === 'silent') return;
    const reply = writeFrame({ ...frame, pdu: answer(frame, conduct) });
    if (conduct.kind !== 'late') {
      socket.write(reply);
      return;
    }
    const timer = deps.clock.after(conduct.delayMs, () => {
      late.delete(timer);
      socket.write(reply);
    });
    late.add(timer);
  };

  const receive = (socket: Socket): void => {
    const reader = createFrameReader();
    const late = new Set<Timer>();
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      const { frames, lost } = reader.take(bytes);
      for (const frame of frames) serve(frame, socket, late);
      if (lost) {
        counts.brokenConnections += 1;
        socket.destroy();
      }
    });
    socket.on('error', () => {
      counts.brokenConnections += 1;
    });
    socket.on('close', () => {
      sockets.delete(socket);
      for (const timer of late) timer.cancel();
    });
  };

  const server = createServer(receive);

  return {
    start: async () => {
      await listen(server, deps);
      const address = server.address();
      port = typeof address === 'object' && address !== null ? address.port : 0;
    },
    stop: () =>
      new Promise((resolve) => {
        port = 0;
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    port: () => port,
    conduct: (unitId, conduct) => void conducts.set(unitId, conduct),
    figures: () => ({ clients: sockets.size, ...counts }),
  };
};
