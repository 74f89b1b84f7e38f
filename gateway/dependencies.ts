import type { Clock } from '#contract/ports/clock.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { DurableLog } from '#contract/ports/durable-log.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { GatewayConfiguration } from './configuration.ts';
import type { FieldLines } from './modbus/field-lines.ts';
import type { DeviceProfiles } from './profiles/load-profiles.ts';

export interface GatewayDependencies {
  /** Checked: see `readGatewayConfiguration`. */
  readonly configuration: GatewayConfiguration;
  readonly profiles: DeviceProfiles;
  /** With `gatewayLastWill` as its last will. The gateway works while it is not connected. */
  readonly bus: MessageBus;
  readonly log: DurableLog;
  readonly shelf: DocumentShelf;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** Of the whole process, so that gateways on one line share its queue; its own when absent. */
  readonly lines?: FieldLines;
}
