import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYamlDocument } from '#adapters/configuration/yaml-document.ts';
import { Fault } from '#contract/errors.ts';

const schema = z.strictObject({
  name: z.string(),
  lamps: z.array(z.strictObject({ id: z.string(), watts: z.number().positive() })),
});

const faultOf = (text: string): Fault => {
  try {
    parseYamlDocument('site.yaml', text, schema);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('it was accepted');
};

describe('a YAML document', () => {
  it('is read when it follows its schema', () => {
    expect(parseYamlDocument('site.yaml', 'name: rue\nlamps:\n  - {id: a, watts: 28}\n', schema)).toEqual({
      name: 'rue',
      lamps: [{ id: 'a', watts: 28 }],
    });
  });

  it('names the line and the path of a wrong value', () => {
    const { code, fields } = faultOf('name: rue\nlamps:\n  - id: a\n    watts: 28\n  - id: b\n    watts: many\n');
    expect(code).toBe('CONFIG_INVALID');
    expect(fields).toMatchObject({ file: 'site.yaml', line: 6, path: '$.lamps[1].watts', expected: 'expected: number' });
  });

  it('names the line of an unknown key', () => {
    expect(faultOf('name: rue\nlamps: []\nlmaps: []\n').fields).toMatchObject({ line: 3, path: '$.lmaps' });
  });

  it('names the map that misses a key', () => {
    expect(faultOf('name: rue\nlamps:\n  - id: a\n').fields).toMatchObject({ line: 3, path: '$.lamps[0].watts' });
  });

  it('refuses a key written twice and a text that is not YAML, with the line', () => {
    expect(faultOf('name: rue\nname: place\n').fields).toMatchObject({ line: 2 });
    expect(faultOf('name: rue\nlamps: [\n').fields['line']).toBeGreaterThanOrEqual(2);
  });
});
