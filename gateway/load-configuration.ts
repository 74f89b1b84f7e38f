import { readFile } from 'node:fs/promises';
import { fault, reasonOf } from '#contract/errors.ts';
import { type GatewayConfiguration, type GatewayFile, readGatewayFile } from './configuration.ts';
import type { DeviceProfiles } from './profiles/load-profiles.ts';

/** A gateway's own file: CONFIG_UNREADABLE, or CONFIG_INVALID with its line and path. */
export const loadGatewayFile = async (file: string, profiles: DeviceProfiles): Promise<GatewayFile> => {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
  });
  return readGatewayFile(text, file, profiles);
};

/** The same without the places of its keys. */
export const loadGatewayConfiguration = async (file: string, profiles: DeviceProfiles): Promise<GatewayConfiguration> =>
  (await loadGatewayFile(file, profiles)).configuration;
