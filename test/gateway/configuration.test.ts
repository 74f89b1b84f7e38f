import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { readGatewayConfiguration } from '#gateway/configuration.ts';
import { type DeviceProfiles, loadProfiles } from '#gateway/profiles/load-profiles.ts';

let profiles: DeviceProfiles;
beforeAll(async () => {
  profiles = await loadProfiles();
});
const file = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('a gateway’s configuration', () => {
  test.each(['gateway/sample.config.yaml', 'deploy/demo/gateway-republique.yaml', 'deploy/demo/gateway-tilleuls.yaml'])(
    '%s is valid',
    async (path) => {
      expect(readGatewayConfiguration(await file(path), path, profiles).poll).toEqual({
        lightsSeconds: 5,
        metersSeconds: 10,
        sensorsSeconds: 10,
      });
    },
  );

  test('a bus without kind is Modbus TCP, and one line has one way to be spoken', async () => {
    const sample = (await file('gateway/sample.config.yaml')).replace('    kind: tcp\n', '');
    expect(readGatewayConfiguration(sample, 'site.yaml', profiles).buses.map(({ kind }) => kind)).toEqual([
      'tcp',
      'rtu',
      'rtu-over-tcp',
    ]);
    const twice = sample.replace(
      'kind: rtu\n    path: /dev/ttyUSB0',
      'kind: rtu-over-tcp\n    host: 192.168.10.20\n    port: 502',
    );
    expect(() => readGatewayConfiguration(twice, 'site.yaml', profiles)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/bus-basement is the line of bus-cabinet .*spoken otherwise/) }),
    );
  });

  test.each([
    [
      'profile: schneider-iem3155',
      'profile: schneider-iem9999',
      'buses.0.devices.0.profile',
      /there is no profile schneider-iem9999/,
    ],
    ['channel: 1,', 'channel: 64,', 'buses.0.devices.2.channel', /from 0 to 63/],
    ['device: luminaire-m02', 'device: luminaire-m01', 'buses.0.devices.2.device', /twice/],
    ['members: [luminaire-m01, luminaire-m02]', 'members: [luminaire-m01, meter-mairie]', 'groups.0.members', /not on unit 3/],
    ['zone: Europe/Paris', 'zone: Europe/Laon', 'zone', /IANA zone/],
    ['port: 502', 'port: 502x', 'buses.0.port', /expected number/],
    ['timeoutMs: 1000', 'timeout: 1000', 'buses.0.timeout', /Unrecognized key/],
    ['kind: rtu', 'kind: usb', 'buses.1.kind', /Expected 'tcp'/],
    ['path: /dev/ttyUSB0', 'path: 7', 'buses.1.path', /expected string/],
    ['parity: none', 'parity: odds', 'buses.1.parity', /expected one of/],
  ])('with %s as %s is refused on its line', async (right, wrong, path, text) => {
    const sample = (await file('gateway/sample.config.yaml')).replace(right, wrong);
    const line = sample.split('\n').findLastIndex((each) => each.includes(wrong)) + 1;
    expect(() => readGatewayConfiguration(sample, 'site.yaml', profiles)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(text),
        fields: expect.objectContaining({ file: 'site.yaml', line, path }),
      }),
    );
  });
});
