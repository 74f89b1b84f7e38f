import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseRegistryBackOptions } from '../../cli/registry-options.ts';

test('a registry goes back to the version that is named', () => {
  expect(parseRegistryBackOptions(['--registry', 'registry.sqlite', '--to', '2'])).toEqual({
    place: { kind: 'registry', choice: { kind: 'sqlite', file: resolve('registry.sqlite') } },
    to: 2,
  });
});

test.each([
  ['no version', ['--registry', 'registry.sqlite']],
  ['a version that is none', ['--registry', 'registry.sqlite', '--to', 'before']],
  ['no registry', ['--to', '2']],
])('%s is refused with what to write', (_what, argv) => {
  expect(() => parseRegistryBackOptions(argv)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});
