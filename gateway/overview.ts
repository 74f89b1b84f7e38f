import type { ServiceHealth } from '#contract/ports/lifecycle.ts';
import type { GatewayOverview } from '#contract/routes/gateway.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { GatewayDependencies } from './dependencies.ts';
import type { GatewayRooms } from './rooms.ts';

const busesOf = ({ field, availability, failSafes }: GatewayRooms): GatewayOverview['buses'] => {
  const states = new Map(availability.all().map(([device, { state }]) => [device, state]));
  return field.buses.map((bus) => ({
    ...bus.health(),
    devices: field.devices.flatMap(({ id, bus: own, unitId }) =>
      own === bus ? [{ device: id, unitId, state: states.get(id) ?? 'unknown', failSafe: failSafes.findingOf(id) }] : [],
    ),
  }));
};

/** What a technician on site may know of a gateway and its buses, now. Without buses until it has started. */
export const overviewOf = (
  { configuration, version, clock, bus }: GatewayDependencies,
  rooms: GatewayRooms | null,
  { state, why }: ServiceHealth,
): GatewayOverview => ({
  gateway: configuration.id,
  version,
  at: formatInstant(clock.civilNow()),
  state,
  why: why ?? null,
  readOnly: configuration.readOnly,
  broker: bus.state() === 'connected' ? 'connected' : 'disconnected',
  outboxDepth: rooms?.outbox.depth ?? 0,
  devices: rooms?.field.devices.length ?? 0,
  devicesOffline: rooms?.availability.count('offline') ?? 0,
  buses: rooms === null ? [] : busesOf(rooms),
});
