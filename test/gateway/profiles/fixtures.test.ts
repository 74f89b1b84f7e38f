import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFixtures, runFixture } from '#gateway/profiles/fixture.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { readRegisterImage } from '#gateway/profiles/register-image.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/modbus');
/** Computed from documents only; docs/profiles.md says so model by model. */
const NEVER_RECORDED = [
  'abb-b21-b23-b24',
  'adfweb-mbus-heat-j',
  'adfweb-mbus-heat-wh',
  'adfweb-mbus-water',
  'anybus-mbus-modbus-tcp',
  'arlight-dali-logic-lite',
  'bacmove-dalion',
  'carlo-gavazzi-em24-e1',
  'carlo-gavazzi-em24-rs485',
  'carlo-gavazzi-em340',
  'eastron-sdm120',
  'eastron-sdm220',
  'eastron-sdm230',
  'eastron-sdm630',
  'eastron-sdm72dm-v2',
  'homemaster-dim-420-r1',
  'homemaster-enm-223-r1',
  'intesis-dali-64',
  'intesis-in703-d4i',
  'janitza-b23',
  'janitza-umg96rm',
  'kamstrup-multical-403-603',
  'schneider-acti9-smartlink',
  'schneider-iem3155',
  'socomec-countis-e14',
  'socomec-countis-e23-e24-e27-e28',
  'socomec-countis-e34-e44',
  'wago-879-30xx',
  'waveshare-modbus-rtu-relay-16ch',
  'wirenboard-wb-map12e',
  'wirenboard-wb-mdm3',
  'wirenboard-wb-mr6cu',
];

const profiles = await loadProfiles();
const fixtures = (await Promise.all([...profiles.keys()].map((name) => readFixtures(FIXTURES, name)))).flat();

describe('the registers of each model of device', () => {
  test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s read as its document says', (_name, fixture) => {
    const profile = profiles.get(fixture.profile);
    if (profile === undefined) throw new Error(`no profile ${fixture.profile}`);
    expect(runFixture(profile, fixture).filter(({ agrees }) => !agrees)).toEqual([]);
  });

  test('every model has at least one set, which says where it comes from', () => {
    const without = [...profiles.keys()].filter((name) => !fixtures.some(({ profile }) => profile === name));
    expect(without).toEqual([]);
    for (const { name, source } of fixtures) expect(source, name).toMatch(/^(Computed from|Printed by|Recorded on hardware)/);
  });

  test('that were never compared with the device itself are these: a recording takes a name out of the list', () => {
    const recorded = fixtures.filter(({ source }) => source.startsWith('Recorded on hardware')).map(({ profile }) => profile);
    const sold = [...profiles.values()].filter(({ origin }) => origin === 'documented').map(({ profile }) => profile);
    expect(sold.filter((name) => !recorded.includes(name))).toEqual(NEVER_RECORDED);
  });
});

describe('a set of registers', () => {
  test.each([
    ['holding 0: 12g4', 1, '"12g4" is not four hexadecimal digits'],
    ['# a remark\n\ncoil 3: 2', 3, '"2" is not a bit, 0 or 1'],
    ['holding 0: 0001\nholding 0: 0002', 2, 'holding 0 is there twice'],
    ['register 0: 0001', 1, 'write a table, an address, a colon and words'],
    ['input 65535: 0001 0002', 1, 'address 65536 is beyond 65535'],
  ])('%j is refused on its line', (text, line, problem) => {
    expect(() => readRegisterImage(text, 'registers.hex')).toThrow(
      expect.objectContaining({ code: 'PROFILE_FIXTURE_INVALID', fields: expect.objectContaining({ line, problem }) }),
    );
  });

  test('that lacks a register, or reads otherwise, is told apart', async () => {
    const [fixture] = await readFixtures(FIXTURES, 'eastron-sdm120');
    const profile = profiles.get('eastron-sdm120');
    if (fixture === undefined || profile === undefined) throw new Error('no fixture');
    const wrong = { ...fixture, expected: { ...fixture.expected, voltageV: 231 }, refusals: ['input 0 to 1: exception 02'] };
    expect(runFixture(profile, wrong).filter(({ agrees }) => !agrees)).toEqual([
      { what: 'voltageV', expected: '231', read: '230.4', agrees: false },
      { what: 'input 0 to 1: exception 02', expected: 'refused', read: 'answered', agrees: false },
    ]);
  });
});
