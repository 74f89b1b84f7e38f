import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseYamlDocument } from '#adapters/configuration/yaml-document.ts';
import { Fault } from '#contract/errors.ts';
import { fieldAssetsFrom } from '#control/assets/import-assets.ts';
import { assetsFile } from '#control/index.ts';
import { powerTableOf } from '#domain/assets/light-point.ts';
import { overlappingBinding } from '#domain/assets/measurement-point.ts';

const FILE = new URL('../../../deploy/demo/assets.yaml', import.meta.url);
const demoText = await readFile(FILE, 'utf8');

const mistakeIn = (text: string): Fault => {
  try {
    parseYamlDocument('assets.yaml', text, assetsFile);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('it was accepted');
};

/** The demo file with one line changed, and the number of that line. */
const changed = (before: string, after: string): { readonly text: string; readonly line: number } => {
  expect(demoText).toContain(before);
  return { text: demoText.replace(before, after), line: demoText.slice(0, demoText.indexOf(before)).split('\n').length };
};

describe('the assets of the demonstration', () => {
  const assets = fieldAssetsFrom(parseYamlDocument('assets.yaml', demoText, assetsFile));

  it('are a street of 24 light points in two groups and a building of 16 flats', () => {
    expect(assets.lightPoints.map(({ ratedPowerW }) => ratedPowerW)).toEqual([
      ...Array<number>(8).fill(28),
      ...Array<number>(10).fill(40),
      ...Array<number>(6).fill(62),
    ]);
    expect(assets.groups.map(({ id, members }) => [id, members.length])).toEqual([
      ['group-republique-nord', 12],
      ['group-republique-sud', 12],
    ]);
    expect(assets.points.filter(({ privacy }) => privacy === 'dwelling').length).toBe(16);
    expect(assets.plannedLightPoints.map(({ label }) => label)).toEqual(['REP-25', 'REP-26']);
    // three points wait for what is commissioned on a phone
    expect(assets.points.length).toBe(24 + 4 + 18 + 3);
  });

  it('bind each point to one gateway at any instant', () => {
    expect(assets.bindings.length).toBe(assets.points.length - 3);
    expect(overlappingBinding(assets.bindings)).toBeNull();
  });

  it('draw standby power at 0 % and the rated power at 100 %', () => {
    const [model] = assets.luminaireModels;
    if (model === undefined) throw new Error('there is no model');
    const table = powerTableOf(model, 40);
    expect(table[0]).toEqual({ levelPercent: 0, powerW: 0.4 });
    expect(table[5]).toEqual({ levelPercent: 50, powerW: 19.8 });
    expect(table.at(-1)).toEqual({ levelPercent: 100, powerW: 40 });
  });
});

describe('a mistake in the assets', () => {
  it.each([
    ['ratedPowerW: 62', 'ratedPowerW: much', 'ratedPowerW'],
    ['timeZone: Europe/Paris', 'timeZone: Europe/Laon', 'not an IANA time zone'],
    ['circuit: circuit-republique-2', 'circuit: circuit-republique-9', 'there is no circuit "circuit-republique-9"'],
    ['meter: meter-d03', 'meter: meter-d33', 'there is no meter "meter-d33"'],
    ['program: program-rue }', 'program: program-ruelle }', 'there is no program "program-ruelle"'],
    [
      'id: light-point-republique-02',
      'id: light-point-republique-01',
      'light point "light-point-republique-01" is written twice',
    ],
    ["deliveryPoint: '99900000000003'", "deliveryPoint: '123'", '14 digits'],
    ['dwelling: dwelling-tilleuls-05\n', 'dwelling: null\n', 'a dwelling is named when'],
    [
      'point: point-tilleuls-d05 }',
      'point: point-tilleuls-d06 }',
      '"point-tilleuls-d06" is not the measurement point of dwelling "dwelling-tilleuls-05"',
    ],
    ['measures: presence', 'measure: presence', 'measures'],
  ])('is said with its line: %s', (before, after, said) => {
    const { text, line } = changed(before, after);
    const mistake = mistakeIn(text);
    expect(mistake.code).toBe('CONFIG_INVALID');
    expect(mistake.message).toContain(said);
    // A dwelling that is not named is said at the use, the line above.
    expect(Math.abs(Number(mistake.fields['line']) - line)).toBeLessThanOrEqual(said.startsWith('a dwelling') ? 1 : 0);
  });

  it('is also a binding that begins before the one above has ended', () => {
    const { text } = changed(
      "bindings: [{ meter: meter-commons, gateway: gateway-tilleuls, device: meter-commons, from: '2026-01-01T00:00:00Z' }]",
      `bindings:
          - { meter: meter-commons, gateway: gateway-tilleuls, device: meter-commons, from: '2026-01-01T00:00:00Z', to: '2026-06-01T00:00:00Z' }
          - { meter: meter-d01, gateway: gateway-tilleuls, device: meter-d01, from: '2026-05-01T00:00:00Z' }`,
    );
    expect(mistakeIn(text).message).toContain('begins before the one above has ended');
  });
});
