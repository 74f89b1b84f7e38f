import type { CommissionedDevice } from '#contract/routes/commissioning.ts';

export const devicePath = (site: string, { gateway, device }: Pick<CommissionedDevice, 'gateway' | 'device'>): string =>
  `/eclairage/armoires/${site}/mise-en-service/${gateway}/${device}`;
