import { RtuTransport } from './rtu-transport.ts';
import { openSerialChannel } from './serial-channel.ts';
import { openTcpChannel } from './tcp-channel.ts';
import { TcpTransport } from './tcp-transport.ts';
import { type ConnectModbus, lineAddress } from './transport.ts';

/** The transport that a line asks for. Nothing is opened before `connect()`. */
export const connectModbus: ConnectModbus = (bus, line, clock) => {
  const address = lineAddress(line);
  switch (line.kind) {
    case 'tcp':
      return new TcpTransport({ bus, address, open: openTcpChannel(line, clock), clock });
    case 'rtu-over-tcp':
      return new RtuTransport({ bus, address, speed: line, open: openTcpChannel(line, clock), clock });
    case 'rtu':
      return new RtuTransport({ bus, address, speed: line, open: openSerialChannel(line, clock), clock });
  }
};
