import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Monotonic } from '#contract/ports/clock.ts';
import { type Instant, instant, parseInstant } from '#domain/civil-time.ts';
import { seedOf } from '#simulators/devices/seeded-random.ts';
import { loadRegisterFacts } from '#simulators/register-facts/register-facts.ts';
import { decodeWords } from '#simulators/register-facts/word-encoding.ts';
import type { FieldSite } from '#simulators/sites/field-site.ts';
import { createResidenceLesTilleuls, FLATS, flatTraits } from '#simulators/sites/residence-les-tilleuls.ts';
import { createRueDeLaRepublique } from '#simulators/sites/rue-de-la-republique.ts';

const facts = loadRegisterFacts();
const MIDNIGHT = parseInstant('2026-11-21T23:00:00Z');
const DAY_MS = 86_400_000;
const options = { facts, seed: 1, startsAt: MIDNIGHT, past: null, monotonicNow: () => 0 as Monotonic, onChange: () => undefined };

const readMeter = (
  site: FieldSite,
  unitId: number,
  profile: string,
  name: string,
  table: 'input-registers' | 'holding-registers',
): number => {
  const fact = facts(profile).register(name);
  const unit = site.units.find((each) => each.unitId === unitId);
  const count = fact.type === 'int64' ? 4 : 2;
  return decodeWords(fact, unit?.modbus.read(table, fact.address, count) ?? []);
};
const flatKwh = (site: FieldSite, place: number): number =>
  readMeter(site, 11 + place, 'eastron-sdm120', 'import', 'input-registers');
const tanksWh = (site: FieldSite): number[] =>
  z
    .object({ tanks: z.array(z.object({ energyWh: z.number() })) })
    .parse(site.snapshot())
    .tanks.map(({ energyWh }) => energyWh);

/** The recorded minutes from the first Sunday, read from the file by the test's own hand. */
const recorded = readFileSync(new URL('../../simulators/sites/household-sceaux-1min.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','))
  .filter(([at = '']) => at >= '2006-12-17T00:00' && at < '2007-01-14T00:00');

/** Energy in Wh of some days of the recording less its last column. */
const recordedWh = (firstDay: number, days: number): number => {
  let sum = 0;
  let last = 0;
  for (let minute = 0; minute < days * 1440; minute += 1) {
    const row = recorded[(firstDay * 1440 + minute) % recorded.length] ?? [];
    if (row[1] !== '') last = Number(row[1]) / 60 - Number(row[7]);
    sum += last;
  }
  return sum;
};

/** Day of the 28 that a civil day falls on: both begin on a Sunday. 2026-11-22 is a Sunday, 20,776 days after 4 January 1970. */
const CYCLE_DAY = (Date.UTC(2026, 10, 22) - Date.UTC(1970, 0, 4)) / DAY_MS;

describe('a flat', () => {
  test('counts hot water once: the recording less its last column, at its size, plus its own tank', () => {
    const site = createResidenceLesTilleuls(options);
    const traits = flatTraits(seedOf(1, 'tilleuls'));
    const before = traits.map((_, place) => flatKwh(site, place));
    const tanksBefore = tanksWh(site);
    site.settleAt(instant(MIDNIGHT + 2 * DAY_MS));
    const tanksAfter = tanksWh(site);
    traits.forEach(({ scale, shiftDays }, place) => {
      const living = scale * recordedWh((CYCLE_DAY + shiftDays) % 28, 2);
      const tank = (tanksAfter[place] ?? 0) - (tanksBefore[place] ?? 0);
      expect(tank).toBeGreaterThan(0);
      expect(Math.abs((flatKwh(site, place) - (before[place] ?? 0)) * 1000 - living - tank)).toBeLessThan(4);
    });
  });

  test('whose relay is open draws the recording alone, however cold its tank grows', () => {
    const site = createResidenceLesTilleuls(options);
    const [first] = flatTraits(seedOf(1, 'tilleuls'));
    if (first === undefined) throw new Error('There is a first flat');
    site.units.find(({ device }) => device === 'relay-tanks')?.modbus.write('coils', 0, [0]);
    const before = flatKwh(site, 0);
    site.settleAt(instant(MIDNIGHT + 2 * DAY_MS));
    const living = first.scale * recordedWh((CYCLE_DAY + first.shiftDays) % 28, 2);
    expect(Math.abs((flatKwh(site, 0) - before) * 1000 - living)).toBeLessThan(4);
  });

  test('lives its own days at its own size, and a plausible home’s energy', () => {
    const traits = flatTraits(seedOf(1, 'tilleuls'));
    expect(new Set(traits.map(({ shiftDays }) => shiftDays)).size).toBe(FLATS);
    expect(new Set(traits.map(({ scale }) => scale)).size).toBe(FLATS);
    expect(flatTraits(seedOf(1, 'tilleuls'))).toEqual(traits);
    expect(flatTraits(seedOf(2, 'tilleuls'))).not.toEqual(traits);
    const site = createResidenceLesTilleuls(options);
    const before = traits.map((_, place) => flatKwh(site, place));
    site.settleAt(instant(MIDNIGHT + 14 * DAY_MS));
    const perDay = traits.map((_, place) => (flatKwh(site, place) - (before[place] ?? 0)) / 14);
    expect(Math.min(...perDay)).toBeGreaterThan(4);
    expect(Math.max(...perDay)).toBeLessThan(24);
    expect(Math.min(...before)).toBeGreaterThan(1000);
  });
});

describe('one jump of two days', () => {
  const walk = (create: typeof createResidenceLesTilleuls, stepMs: number): FieldSite => {
    const site = create(options);
    const end = MIDNIGHT + 2 * DAY_MS;
    for (let at: Instant = MIDNIGHT; at < end; at = instant(Math.min(end, at + stepMs)))
      site.settleAt(instant(Math.min(end, at + stepMs)));
    return site;
  };

  test('gives each flat the same energy as steps of 7 s, within 0.5 %', () => {
    const before = createResidenceLesTilleuls(options);
    const jumped = walk(createResidenceLesTilleuls, 2 * DAY_MS);
    const walked = walk(createResidenceLesTilleuls, 7000);
    for (let place = 0; place < FLATS; place += 1) {
      const once = flatKwh(jumped, place) - flatKwh(before, place);
      expect(Math.abs((flatKwh(walked, place) - flatKwh(before, place)) / once - 1)).toBeLessThan(0.005);
    }
    const common = (site: FieldSite) => readMeter(site, 1, 'schneider-iem3155-iem3255', 'import', 'holding-registers');
    expect(common(walked)).toBe(common(jumped));
  });

  test('gives the street the same energy as steps of 7 s, within 0.5 %', () => {
    const street = (site: FieldSite) => readMeter(site, 1, 'carlo-gavazzi-em24-rs485', 'import', 'input-registers');
    const start = street(createRueDeLaRepublique(options));
    const once = street(walk(createRueDeLaRepublique, 2 * DAY_MS)) - start;
    expect(once).toBeGreaterThan(10);
    expect(Math.abs((street(walk(createRueDeLaRepublique, 7000)) - start) / once - 1)).toBeLessThan(0.005);
  });
});
