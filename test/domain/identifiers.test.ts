import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dwellingId, gatewayId, isIdentifier, pointId } from '#domain/identifiers.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const word = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 12 });

describe('identifiers', () => {
  test.each(['gateway-republique', 'point-republique-l01', 'a', '0042', 'x'.repeat(64)])('"%s" is one', (text) => {
    expect(isIdentifier(text)).toBe(true);
    expect(gatewayId(text)).toBe(text);
  });

  test.each([
    '',
    'Gateway',
    'gateway_1',
    'gateway--1',
    '-gateway',
    'gateway-',
    'passerelle-é',
    'a/b',
    'a+b',
    'a#',
    'x'.repeat(65),
    'a\n',
    ' a',
  ])('%j is none, and the refusal says what to write', (text) => {
    expect(isIdentifier(text)).toBe(false);
    expect(() => pointId(text)).toThrow(/measurement-point identifier: use lower-case letters, digits and single hyphens/);
  });

  test('words joined by single hyphens are one, up to 64 characters', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const text = words.join('-');
        expect(isIdentifier(text)).toBe(text.length <= 64);
      }),
    );
  });

  test('whatever is accepted is safe as one level of a topic', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 70 }), (text) => {
        if (isIdentifier(text)) expect(text).not.toMatch(/[/+#\s$]/);
      }),
    );
  });

  test('the refusal names the kind that was wanted', () => {
    expect(() => dwellingId('Apartment 7')).toThrow('"Apartment 7" is not a dwelling identifier');
  });
});
