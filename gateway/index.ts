export { type GatewayConfiguration, gatewayConfiguration, readGatewayConfiguration } from './configuration.ts';
export type { GatewayDependencies } from './dependencies.ts';
export { createGateway, type Gateway } from './gateway.ts';
export { loadGatewayConfiguration } from './load-configuration.ts';
export { createFieldLines, type FieldLines } from './modbus/field-lines.ts';
export type { ConnectModbus, ModbusTransport } from './modbus/transport.ts';
export { latestInLog } from './outbox/latest-in-log.ts';
export { type DeviceProfiles, loadProfiles, readProfile } from './profiles/load-profiles.ts';
export { gatewayLastWill, readBoot } from './status.ts';
