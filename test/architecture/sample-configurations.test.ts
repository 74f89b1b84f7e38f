import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configurationSchema } from '#contract/configuration.ts';
import { readGatewayConfiguration } from '#gateway/configuration.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { keptFiles, readText } from './tree.ts';

const PLATFORM = ['deploy/site.sample.yaml', 'deploy/demo/axone.yaml'];
const GATEWAYS = keptFiles().filter(
  (file) => file === 'gateway/sample.config.yaml' || /^deploy\/(demo|compose)\/gateway-[a-z]+\.yaml$/.test(file),
);

describe('sample configurations', () => {
  test.each(PLATFORM)('%s is a valid configuration of the platform', (file) => {
    expect(configurationSchema.safeParse(parse(readText(file))).error).toBeUndefined();
  });

  test.each(GATEWAYS)('%s is a valid configuration of a gateway', async (file) => {
    const profiles = await loadProfiles();
    expect(() => readGatewayConfiguration(readText(file), file, profiles)).not.toThrow();
  });

  test('a wrong line is refused', async () => {
    const profiles = await loadProfiles();
    const sample = readText('gateway/sample.config.yaml').replace('unitId: 1,', 'unitId: 900,');
    expect(() => readGatewayConfiguration(sample, 'sample', profiles)).toThrow(/CONFIG_INVALID: sample, line \d+/);
  });

  test.each(PLATFORM)('every file that %s names exists', (file) => {
    const { assets, gateways = [] } = parse(readText(file)) as { assets: string; gateways?: string[] };
    const folder = file.slice(0, file.lastIndexOf('/') + 1);
    expect([assets, ...gateways].map((name) => `${folder}${name}`).filter((name) => !keptFiles().includes(name))).toEqual([]);
  });
});
