import type { OpenByteChannel } from './byte-link.ts';
import { RtuTransport } from './rtu-transport.ts';
import { openSerialChannel } from './serial-channel.ts';
import { openTcpChannel } from './tcp-channel.ts';
import { TcpTransport } from './tcp-transport.ts';
import { type ConnectModbus, type LineEar, lineAddress } from './transport.ts';

const heardBy =
  (ear: LineEar | undefined, open: OpenByteChannel): OpenByteChannel =>
  async (listener) => {
    if (ear === undefined) return open(listener);
    const channel = await open({
      received: (bytes) => {
        ear.received(bytes);
        listener.received(bytes);
      },
      lost: (reason) => listener.lost(reason),
    });
    return {
      write: (bytes) => {
        ear.sent(bytes);
        channel.write(bytes);
      },
      caughtUp: (then) => channel.caughtUp(then),
      close: () => channel.close(),
    };
  };

/** The transport that a line asks for. Nothing is opened before `connect()`. */
export const connectModbus: ConnectModbus = (bus, line, clock, ear) => {
  const address = lineAddress(line);
  switch (line.kind) {
    case 'tcp':
      return new TcpTransport({ bus, address, open: heardBy(ear, openTcpChannel(line, clock)), clock });
    case 'rtu-over-tcp':
      return new RtuTransport({ bus, address, speed: line, open: heardBy(ear, openTcpChannel(line, clock)), clock });
    case 'rtu':
      return new RtuTransport({ bus, address, speed: line, open: heardBy(ear, openSerialChannel(line, clock)), clock });
  }
};
