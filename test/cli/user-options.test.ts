import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseUserOptions } from '../../cli/user-options.ts';

const person = ['--role', 'admin', '--email', 'you@example.org'];

test('the registry is named by itself, or by the file of the field', () => {
  expect(parseUserOptions([...person, '--registry', 'registry.sqlite']).place).toEqual({
    kind: 'registry',
    choice: { kind: 'sqlite', file: resolve('registry.sqlite') },
  });
  const url = 'postgresql://axone_control@db:5432/axone';
  expect(parseUserOptions([...person, '--registry', url, '--password-file', 'secret']).place).toEqual({
    kind: 'registry',
    choice: { kind: 'postgresql', url, passwordFile: resolve('secret') },
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
  ['a password for a file', ['--registry', 'registry.sqlite', '--password-file', 'secret']],
  ['a password without a database', ['--config', 'site.yaml', '--password-file', 'secret']],
  ['a data folder beside it', ['--registry', 'registry.sqlite', '--data', 'here']],
])('%s is refused with what to write', (_what, place) => {
  expect(() => parseUserOptions([...person, ...place])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
});
