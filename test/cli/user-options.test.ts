import { expect, test } from 'vitest';
import { parseUserOptions } from '../../cli/user-options.ts';

const person = ['--role', 'admin', '--email', 'you@example.org'];

test('the registry is named by itself, or by the file of the field', () => {
  expect(parseUserOptions([...person, '--registry', 'registry.sqlite']).place).toEqual({
    kind: 'registry',
    file: 'registry.sqlite',
  });
  expect(parseUserOptions([...person, '--config', 'site.yaml', '--data', 'here']).place).toEqual({
    kind: 'config',
    file: 'site.yaml',
    data: 'here',
  });
});

test.each([
  ['neither', []],
  ['both', ['--registry', 'registry.sqlite', '--config', 'site.yaml']],
  ['a data folder beside it', ['--registry', 'registry.sqlite', '--data', 'here']],
])('%s is refused with what to write', (_what, place) => {
  expect(() => parseUserOptions([...person, ...place])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});
