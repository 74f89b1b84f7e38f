import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { registerAddress } from '#simulators/register-facts/register-address.ts';
import { loadRegisterFacts } from '#simulators/register-facts/register-facts.ts';
import { decodeWords, encodeWords } from '#simulators/register-facts/word-encoding.ts';

const facts = loadRegisterFacts();

/** Computed by hand from each profile's type, word order and scale. */
const GOLDEN: readonly (readonly [profile: string, register: string, value: number, words: readonly number[]])[] = [
  ['carlo-gavazzi-em24-rs485', 'power', 230.5, [0x0901, 0x0000]],
  ['carlo-gavazzi-em24-rs485', 'power', 100_000.3, [0x4243, 0x000f]],
  ['carlo-gavazzi-em24-rs485', 'power_l1', -1, [0xfff6, 0xffff]],
  ['carlo-gavazzi-em24-rs485', 'import', 6553.6, [0x0000, 0x0001]],
  ['carlo-gavazzi-em24-rs485', 'current_l2', 1.234, [0x04d2, 0x0000]],
  ['carlo-gavazzi-em24-rs485', 'cosphi', 0.97, [0x03ca]],
  ['carlo-gavazzi-em24-rs485', 'frequency', 50, [0x01f4]],
  ['eastron-sdm120', 'voltage', 230, [0x4366, 0x0000]],
  ['eastron-sdm120', 'import', 1234.5, [0x449a, 0x5000]],
  ['schneider-iem3155-iem3255', 'power', 1500, [0x3fc0, 0x0000]],
  ['schneider-iem3155-iem3255', 'import', 123_456.789, [0x0000, 0x0000, 0x075b, 0xcd15]],
  ['intesis-dali-64', 'arc_power_level', 40, [0x0028]],
  ['intesis-in703-d4i', 'active_energy', 305_419_896, [0x1234, 0x5678]],
  ['intesis-in703-d4i', 'active_power', 27.6, [0x0000, 0x001c]],
  ['intesis-in703-d4i', 'temperature', -5, [0xfffb]],
  ['waveshare-modbus-rtu-relay-16ch', 'relay', 1, [0x0001]],
  ['axone-demo-cabinet', 'leakage_current', 1.6, [0x0010]],
  ['axone-demo-presence', 'passages_total', 70_000, [0x0001, 0x1170]],
  ['axone-demo-light-sensor', 'illuminance', 12_345.6, [0x0001, 0xe240]],
  ['axone-demo-light-sensor', 'temperature', -3.2, [0xffe0]],
];

describe('the words on the wire', () => {
  test.each(GOLDEN)('%s writes %s %d as its maker does', (profile, register, value, words) => {
    expect(encodeWords(facts(profile).register(register), value)).toEqual(words);
  });

  test.each(GOLDEN.filter(([, register, value]) => !(register === 'active_power' && value === 27.6)))(
    '%s is read back: %s %d',
    (profile, register, value, words) => {
      expect(decodeWords(facts(profile).register(register), words)).toBeCloseTo(value, 3);
    },
  );

  test('a value beyond its register stops at the end of the range', () => {
    expect(encodeWords(facts('intesis-dali-64').register('actual_level'), -3)).toEqual([0]);
    expect(encodeWords(facts('intesis-in703-d4i').register('temperature'), 40_000)).toEqual([0x7fff]);
    expect(encodeWords(facts('axone-demo-cabinet').register('leakage_current'), 9_999)).toEqual([0xffff]);
  });

  test('any whole raw number comes back as it went, for each whole type and word order', () => {
    const whole = ['carlo-gavazzi-em24-rs485/power', 'intesis-in703-d4i/active_energy', 'schneider-iem3155-iem3255/import'];
    for (const name of whole) {
      const [profile = '', register = ''] = name.split('/');
      const fact = facts(profile).register(register);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0x7fff_ffff }), (raw) => {
          expect(decodeWords(fact, encodeWords(fact, raw * fact.scale)) / fact.scale).toBeCloseTo(raw, 3);
        }),
      );
    }
  });
});

describe('the addresses', () => {
  test('a gear, a group and the broadcast of a DALI line stand where the manual prints them', () => {
    const lighting = facts('intesis-dali-64');
    expect(registerAddress(lighting.register('arc_power_level'), { line: 0, sa: 5 })).toBe(515);
    expect(registerAddress(lighting.register('group_arc_power_level'), { line: 0, gr: 1 })).toBe(6420);
    expect(registerAddress(lighting.register('broadcast_arc_power_level'), { line: 1 })).toBe(13_800);
    expect(registerAddress(facts('intesis-in703-d4i').register('active_power'), { y: 0, xx: 23 })).toBe(27_336);
  });

  test('the relays follow each other', () => {
    expect(registerAddress(facts('waveshare-modbus-rtu-relay-16ch').register('relay'), { index: 15 })).toBe(15);
  });

  test('a formula without its place is refused', () => {
    expect(() => registerAddress(facts('intesis-dali-64').register('actual_level'), { line: 0 })).toThrow(/needs a value for sa/);
  });
});

test('what is fictitious or uncertain stays marked', () => {
  expect(facts('axone-demo-cabinet')).toMatchObject({ fictitious: true, confidence: 'fictitious' });
  expect(facts('carlo-gavazzi-em24-rs485')).toMatchObject({ fictitious: false, source: { repo: 'volkszaehler/mbmd' } });
  expect(facts('waveshare-modbus-rtu-relay-16ch').confidence).toContain('verify on hardware');
});
