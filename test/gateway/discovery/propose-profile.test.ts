import { describe, expect, test } from 'vitest';
import { type Proposal, proposeProfiles } from '#gateway/discovery/propose-profile.ts';
import type { ReadUnit } from '#gateway/discovery/unit-registers.ts';
import { loadProfiles } from '#gateway/profiles/load-profiles.ts';
import { fixtureOf, moved, pairsExchanged, unitWith } from './fixture-units.ts';

const profiles = [...(await loadProfiles()).values()];

const first = (proposals: readonly Proposal[]) => {
  const [best] = proposals;
  return best === undefined ? null : { profile: best.profile.profile, ...best.layout };
};

const AS_WRITTEN = { isSwapped: false, offset: 0 };

/** Every reading of a unit is counted. */
const counting = (read: ReadUnit) => {
  const asked = { times: 0 };
  const ask: ReadUnit = (span) => {
    asked.times += 1;
    return read(span);
  };
  return { asked, ask };
};

describe('a profile is proposed by what its registers would mean', () => {
  test.each([
    'abb-b21-b23-b24/first-reading',
    'axone-demo-cabinet/one-breaker-tripped',
    'axone-demo-light-sensor/frost',
    'axone-demo-presence/somebody',
    'carlo-gavazzi-em24-e1/first-reading',
    'carlo-gavazzi-em24-rs485/first-reading',
    'eastron-sdm120/first-reading',
    'eastron-sdm630/first-reading',
    'homemaster-enm-223-r1/first-reading',
    'janitza-b23/first-reading',
    'janitza-umg96rm/first-reading',
    'kamstrup-multical-403-603/first-reading',
    'schneider-acti9-smartlink/first-reading',
    'schneider-iem3155/first-reading',
    'schneider-iem3155/no-export-register',
    'socomec-countis-e14/first-reading',
    'socomec-countis-e23-e24-e27-e28/first-reading',
    'socomec-countis-e34-e44/first-reading',
    'wago-879-30xx/first-reading',
    'waveshare-modbus-rtu-relay-16ch/all-closed',
  ])('%s is recognised', async (name) => {
    const { image, profile } = await fixtureOf(name);
    expect(first(await proposeProfiles(profiles, unitWith(image)))).toEqual({ profile, ...AS_WRITTEN });
  });

  test.each(['abb-b21-b23-b24', 'carlo-gavazzi-em24-rs485', 'eastron-sdm120', 'schneider-iem3155', 'wago-879-30xx'])(
    'every address of a %s one higher, or one lower, is said',
    async (profile) => {
      const { image } = await fixtureOf(`${profile}/first-reading`);
      const higher = moved(image, (address) => address + 1);
      expect(first(await proposeProfiles(profiles, unitWith(higher)))).toEqual({ profile, isSwapped: false, offset: 1 });
      const lowest = Math.min(...image.holding.keys(), ...image.input.keys());
      if (lowest === 0) return;
      const lower = moved(image, (address) => address - 1);
      expect(first(await proposeProfiles(profiles, unitWith(lower)))).toEqual({ profile, isSwapped: false, offset: -1 });
    },
  );

  test('words in the other order than the page are said', async () => {
    const { image } = await fixtureOf('eastron-sdm120/first-reading');
    const proposals = await proposeProfiles(profiles, unitWith(pairsExchanged(image)));
    expect(first(proposals)).toEqual({ profile: 'eastron-sdm120', isSwapped: true, offset: 0 });
  });

  test('words in the other order and addresses one higher are said together', async () => {
    const { image } = await fixtureOf('eastron-sdm120/first-reading');
    const other = moved(pairsExchanged(image), (address) => address + 1);
    const proposals = await proposeProfiles(profiles, unitWith(other));
    expect(first(proposals)).toEqual({ profile: 'eastron-sdm120', isSwapped: true, offset: 1 });
  });

  test('models with one map come equal, by name, unless the unit names itself', async () => {
    const { image } = await fixtureOf('eastron-sdm230/first-reading');
    const unnamed = (await proposeProfiles(profiles, unitWith(image))).slice(0, 3);
    expect(unnamed.map(({ profile }) => profile.profile)).toEqual(['eastron-sdm120', 'eastron-sdm220', 'eastron-sdm230']);
    expect(new Set(unnamed.map(({ score }) => score)).size).toBe(1);
    const identification = { vendor: 'Eastron', product: 'SDM230-Modbus', revision: null };
    const named = await proposeProfiles(profiles, unitWith(image), identification);
    expect(first(named)?.profile).toBe('eastron-sdm230');
    expect(named.map(({ isNamed }) => isNamed).slice(0, 2)).toEqual([true, false]);
  });

  test('a unit whose registers are all zero is no meter', async () => {
    const zeros: ReadUnit = ({ count }) => Promise.resolve({ kind: 'words', words: Array.from({ length: count }, () => 0) });
    const proposals = await proposeProfiles(profiles, zeros);
    expect(proposals.filter(({ profile }) => profile.kind === 'electricity-meter')).toEqual([]);
    expect(Math.max(...proposals.map(({ score }) => score))).toBeLessThan(0.5);
  });

  test('a unit that has nothing of any page gets no proposal', async () => {
    const nothing: ReadUnit = () => Promise.resolve({ kind: 'refused', exception: 2 });
    expect(await proposeProfiles(profiles, nothing)).toEqual([]);
  });
});

describe('what it costs the line', () => {
  test('a meter is recognised in fewer than 60 requests, although there are 31 pages', async () => {
    const { image } = await fixtureOf('schneider-iem3155/first-reading');
    const { asked, ask } = counting(unitWith(image));
    await proposeProfiles(profiles, ask);
    expect(asked.times).toBeLessThan(60);
  });

  test('a unit that falls silent is left alone after three requests', async () => {
    const { asked, ask } = counting(() => Promise.resolve({ kind: 'silent' }));
    expect(await proposeProfiles(profiles, ask)).toEqual([]);
    expect(asked.times).toBe(3);
  });

  test('a unit without any function to read is asked once for each table', async () => {
    const { asked, ask } = counting(() => Promise.resolve({ kind: 'refused', exception: 1 }));
    expect(await proposeProfiles(profiles, ask)).toEqual([]);
    expect(asked.times).toBe(4);
  });
});
