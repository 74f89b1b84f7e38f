import { readFile } from 'node:fs/promises';
import { fault, reasonOf } from '#contract/errors.ts';
import { type GatewayConfiguration, readGatewayConfiguration } from './configuration.ts';
import type { DeviceProfiles } from './profiles/load-profiles.ts';

/** A gateway's own file: CONFIG_UNREADABLE, or CONFIG_INVALID with its line and path. */
export const loadGatewayConfiguration = async (file: string, profiles: DeviceProfiles): Promise<GatewayConfiguration> => {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
  });
  return readGatewayConfiguration(text, file, profiles);
};
