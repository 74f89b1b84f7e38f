import path from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './tree.ts';

const PLANTED = path.join(ROOT, 'test/architecture/violations/lint');

/** What the typed lint must report in each planted file; an empty list is a permitted twin. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'gateway/bare-date.ts': ['no-restricted-syntax', 'no-restricted-syntax'],
  'gateway/bare-date-now.ts': ['no-restricted-syntax'],
  'gateway/bare-performance.ts': ['no-restricted-syntax'],
  'gateway/bare-timeout.ts': ['no-restricted-globals'],
  'gateway/bare-interval.ts': ['no-restricted-syntax'],
  'gateway/imported-timer.ts': ['no-restricted-imports'],
  'gateway/environment.ts': ['no-restricted-syntax', 'no-restricted-syntax'],
  'gateway/floating-promise.ts': ['@typescript-eslint/no-floating-promises'],
  'gateway/any-value.ts': ['@typescript-eslint/no-explicit-any'],
  'gateway/incomplete-switch.ts': ['@typescript-eslint/switch-exhaustiveness-check'],
  'gateway/swallowed-error.ts': ['house/no-swallowed-rejection', 'no-empty'],
  'gateway/silenced-compiler.ts': ['@typescript-eslint/ban-ts-comment'],
  'domain/acting-fetch.ts': ['no-restricted-globals'],
  'domain/acting-process.ts': ['no-restricted-globals'],
  'domain/acting-console.ts': ['no-restricted-globals'],
  'domain/acting-random.ts': ['no-restricted-syntax'],
  'domain/acting-timer.ts': ['no-restricted-globals'],
  'domain/bare-date.ts': ['no-restricted-syntax'],
  'domain/given-date.ts': [],
  'contract/acting-performance.ts': ['no-restricted-globals'],
  'contract/acting-crypto.ts': ['no-restricted-globals'],
  'test/skipped.ts': ['no-restricted-syntax'],
  'test/mocked.ts': ['no-restricted-syntax'],
  'test/timer.ts': [],
  'adapters/clock/system-clock.ts': [],
  'dashboards/portal/client/browser-clock.ts': [],
  'dashboards/portal/client/live.ts': ['no-restricted-syntax'],
  'gateway/main.ts': [],
};

describe('the typed lint', () => {
  const reported = new Map<string, readonly string[]>();

  beforeAll(async () => {
    const eslint = new ESLint({ cwd: PLANTED, overrideConfigFile: path.join(ROOT, 'eslint.config.mjs') });
    for (const { filePath, messages } of await eslint.lintFiles(['**/*.ts'])) {
      const rules = messages.map(({ ruleId, message }) => ruleId ?? message);
      reported.set(path.relative(PLANTED, filePath).split(path.sep).join('/'), rules);
    }
  });

  test('has an expectation for every planted file, and a file for every expectation', () => {
    expect([...reported.keys()].sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  test.each(Object.entries(EXPECTED))('%s: %j', (file, rules) => {
    expect(reported.get(file)).toEqual(rules);
  });
});
