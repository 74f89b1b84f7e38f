import type { BusEntry, GatewayConfiguration } from './configuration.ts';

export interface NetworkPlace {
  readonly host: string;
  readonly port: number;
}

/** Where the file says that a bus is: buses of one place are one line, whoever says their devices. */
const placeOf = (bus: BusEntry): string => (bus.kind === 'rtu' ? bus.path : `${bus.host}:${bus.port}`);

/** The same gateway with buses elsewhere, over Modbus TCP: where `whereIs` finds one of their devices, and with them those of their line. */
export const withMovedBuses = (
  configuration: GatewayConfiguration,
  whereIs: (devices: ReadonlySet<string>) => NetworkPlace | undefined,
): GatewayConfiguration => {
  const found = new Map(
    configuration.buses.flatMap((bus) => {
      const there = whereIs(new Set<string>(bus.devices.map(({ device }) => device)));
      return there === undefined ? [] : [[placeOf(bus), there] as const];
    }),
  );
  const moved = (bus: BusEntry): BusEntry => {
    const there = found.get(placeOf(bus));
    if (there === undefined) return bus;
    const { id, timeoutMs, devicesFrom, devices } = bus;
    return { kind: 'tcp', id, timeoutMs, devicesFrom, devices, host: there.host, port: there.port };
  };
  return { ...configuration, buses: configuration.buses.map(moved) };
};
