import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cruiseImports, importClauses } from './import-rule.ts';
import { ROOT } from './tree.ts';

const VIOLATIONS = path.join(ROOT, 'test/architecture/violations');

/** The files that disobey, by clause; what they import is innocent. */
const GUILTY: Readonly<Record<string, readonly string[]>> = {
  'domain-imports-nothing-of-ours': ['domain/units.ts'],
  'domain-and-contract-do-no-io': ['domain/reading.ts'],
  'domain-and-contract-need-pure-packages-only': ['contract/messages.ts'],
  'contract-imports-domain-only': ['contract/clock.ts'],
  'adapters-import-contract-and-domain-only': ['adapters/outbox-files.ts'],
  'services-do-not-import-each-other': ['dashboards/portal/street.tsx'],
  'only-main-chooses-adapters': ['ingest/write.ts'],
  'nobody-imports-a-main': ['cli/user.ts'],
  'root-main-enters-a-service-by-its-index': ['main.ts'],
  'simulators-know-no-rule': ['simulators/street.ts'],
  'a-technology-stays-in-its-adapter': ['control/registry.ts', 'dashboards/portal/live.tsx'],
  'modbus-stays-at-the-field': ['adapters/bus.ts'],
  'grafana-stays-in-its-room': ['dashboards/portal/panel.ts'],
  'nobody-imports-tests': ['simulators/street.ts'],
  'no-circular': ['domain/day.ts'],
  'every-import-resolves': ['ingest/accept.ts'],
};

describe('the import rule', () => {
  test('holds in the house', async () => {
    const { violations, modules } = await cruiseImports(ROOT);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(30);
  });

  test('has one planted violation per clause, and no violation without a clause', async () => {
    const clauses = [...(await importClauses())].sort();
    expect(Object.keys(GUILTY).sort()).toEqual(clauses);
    const planted = readdirSync(VIOLATIONS);
    expect(clauses.filter((clause) => !planted.includes(clause))).toEqual([]);
  });

  test.each(Object.entries(GUILTY))('%s is reported, and nothing else with it', async (clause, guilty) => {
    const { violations } = await cruiseImports(path.join(VIOLATIONS, clause));
    expect(violations.map(({ clause: reported, from }) => ({ clause: reported, from }))).toEqual(
      guilty.map((from) => ({ clause, from })),
    );
  });
});
