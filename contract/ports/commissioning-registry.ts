import type { CommissioningAct, DeclaredDevice } from '#domain/assets/commissioning.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { DeviceId, GatewayId } from '#domain/identifiers.ts';

/** What was declared and done on site; kept when the assets file is imported again. Rejects with `REGISTRY_UNAVAILABLE`. */
export interface CommissioningRegistry {
  /** In the order of bus, unit and channel. */
  devicesOf(gateway: GatewayId): Promise<readonly DeclaredDevice[]>;
  declare(devices: readonly DeclaredDevice[]): Promise<void>;
  withdraw(gateway: GatewayId, device: DeviceId): Promise<void>;
  /** In the order in which they were done. */
  acts(): Promise<readonly CommissioningAct[]>;
  /**
   * Keeps an act and what it made of one site: its light points, meters and bindings, in one transaction that raises the
   * revision of the assets.
   */
  commission(act: CommissioningAct, site: FieldAssets): Promise<void>;
}
