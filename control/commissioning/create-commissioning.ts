import type { MountedRoute } from '#contract/routes/route.ts';
import { type BlinksMeans, createBlinks } from './blinks.ts';
import { type CommissioningMeans, createCommissioning } from './commissioning.ts';
import { commissioningRoutes } from './commissioning-routes.ts';
import { createFieldInventory, type FieldInventoryMeans } from './field-inventory.ts';
import type { ReadingMeans } from './read-commissioning.ts';

type OwnRooms = 'inventory' | 'blinks' | 'tell';

export type CommissioningRoomMeans = Omit<CommissioningMeans, OwnRooms> &
  Omit<ReadingMeans, OwnRooms> &
  Omit<FieldInventoryMeans, OwnRooms> &
  Omit<BlinksMeans, OwnRooms>;

export interface CommissioningRoom {
  readonly routes: readonly MountedRoute[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Devices recognised, declared and bound by whoever stands in front of them. */
export const createCommissioningRoom = (means: CommissioningRoomMeans): CommissioningRoom => {
  const { tellSite: tell } = means.watch;
  const inventory = createFieldInventory({ ...means, tell });
  const blinks = createBlinks({ ...means, tell });
  const acts = createCommissioning({ ...means, inventory, blinks, tell });
  return {
    routes: commissioningRoutes(acts, { ...means, inventory, blinks }),
    start: async () => {
      await inventory.start();
      await blinks.start();
    },
    stop: async () => {
      await blinks.stop();
      await inventory.stop();
    },
  };
};
