import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatInstant } from '#domain/civil-time.ts';
import { FIELD_HELP, parseFieldArguments } from '#simulators/arguments.ts';
import { COMMAND_HELP, obeyFieldCommand } from '#simulators/scenarios/field-command.ts';
import type { FaultToClear, FieldFault } from '#simulators/scenarios/field-fault.ts';

describe('the options of the field', () => {
  test('none are needed', () => {
    expect(parseFieldArguments([])).toEqual({
      host: '127.0.0.1',
      streetPort: 5020,
      buildingPort: 5021,
      civilStart: null,
      speed: 1,
      dataFolder: null,
      help: false,
    });
  });

  test('--at is a civil time of the sites', () => {
    const { civilStart, speed } = parseFieldArguments(['--at', '2026-12-15T16:15', '--speed', '60']);
    expect(civilStart === null ? null : formatInstant(civilStart)).toBe('2026-12-15T15:15:00Z');
    expect(speed).toBe(60);
  });

  test.each([
    ['--street-port', ['--street-port', '99999']],
    ['--building-port', ['--building-port', 'x']],
    ['--speed', ['--speed', '0']],
    ['--at', ['--at', 'noon']],
    ['--at', ['--at', '2026-12-15']],
    ['of simulate', ['--sped', '3']],
  ])('a wrong %s is named', (option, argv) => {
    expect(() => parseFieldArguments(argv)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', fields: expect.objectContaining({ option }) }),
    );
  });
});

describe('the commands of the field', () => {
  const obey = (line: string) => {
    const done: (FieldFault | FaultToClear)[] = [];
    const answer = obeyFieldCommand({ inject: (made) => void done.push(made), clear: (ended) => void done.push(ended) }, line);
    return { answer, done };
  };

  test('make and end a fault', () => {
    expect(obey('fault lamp-failure luminaire-05').done).toEqual([{ kind: 'lamp-failure', target: 'luminaire-05' }]);
    expect(obey('  fault late-replies meter-d03 800 ').done).toEqual([
      { kind: 'late-replies', target: 'meter-d03', delayMs: 800 },
    ]);
    expect(obey('fault exception meter-d03').done).toEqual([{ kind: 'exception', target: 'meter-d03', exception: 4 }]);
    expect(obey('clear late-replies meter-d03').done).toEqual([{ kind: 'late-replies', target: 'meter-d03' }]);
  });

  test('help is given, an empty line is nothing', () => {
    expect(obey('help').answer).toContain('lamp-failure');
    expect(obey('').answer).toBeNull();
  });

  test.each([
    ['dance', 'COMMAND_UNKNOWN'],
    ['fault rust luminaire-05', 'FIELD_FAULT_UNKNOWN'],
    ['fault lamp-failure', 'FIELD_FAULT_UNKNOWN'],
    ['fault late-replies meter-d03 soon', 'OPTION_INVALID'],
    ['fault exception meter-d03 0', 'OPTION_INVALID'],
  ])('"%s" is refused as %s', (line, code) => {
    expect(() => obey(line)).toThrow(expect.objectContaining({ code }));
  });
});

test('the README of the field gives the same help as the field', () => {
  const readme = readFileSync(new URL('../../simulators/README.md', import.meta.url), 'utf8');
  expect(readme).toContain(FIELD_HELP);
  expect(readme).toContain(COMMAND_HELP);
});
