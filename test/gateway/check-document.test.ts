import { describe, expect, test } from 'vitest';
import { Fault } from '#contract/errors.ts';
import { documentHash, programsExample } from '#contract/messages/documents.ts';
import { checkDocument } from '#gateway/autonomy/check-document.ts';

const problemOf = (change: Record<string, unknown>): string => {
  const content = { ...programsExample, ...change };
  const payload = new TextEncoder().encode(JSON.stringify({ ...content, hash: documentHash(content) }));
  try {
    checkDocument('programs', payload);
    return 'accepted';
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    return `${thrown.code} ${thrown.fields['path']}: ${thrown.fields['problem']}`;
  }
};

const calendar = (rules: readonly object[], more: object = {}) => ({
  calendars: [{ id: 'commune', version: 1, name: 'Commune', by: 'account-mayor', rules, ...more }],
  assignments: [{ target: { kind: 'all' }, calendar: 'commune' }],
});

describe('a programs document with calendars', () => {
  test('is obeyed when every name in it is borne', () => {
    const known = calendar([{ condition: { type: 'ccDay', days: [{ start: 6 }] }, program: 'program-rue' }], {
      defaultProgram: 'program-rue',
    });
    expect(problemOf(known)).toBe('accepted');
  });

  test.each<readonly [string, Record<string, unknown>, string]>([
    [
      'a rule of a program that is not there',
      calendar([{ program: 'program-fete' }]),
      'calendars.0.rules.0.program: there is no program program-fete',
    ],
    [
      'a default program that is not there',
      calendar([], { defaultProgram: 'program-fete' }),
      'calendars.0.defaultProgram: there is no program program-fete',
    ],
    [
      'a calendar that is not there',
      { assignments: [{ target: { kind: 'all' }, calendar: 'commune' }] },
      'assignments.0.calendar: there is no calendar commune',
    ],
    [
      'a safety floor of a group that is not there',
      {
        safetyFloors: [
          {
            id: 'carrefour',
            target: { kind: 'group', group: 'group-sud' },
            minimumPercent: 70,
            by: 'account-technician',
            reason: 'carrefour',
          },
        ],
      },
      'safetyFloors.0.target: there is no group group-sud',
    ],
    [
      'a condition of no kind',
      calendar([{ condition: { type: 'ccMoon' }, program: 'program-rue' }]),
      'calendars.0.rules.0.condition.type: ',
    ],
  ])('is refused for %s, with its place', (_, change, problem) => {
    expect(problemOf(change)).toContain(`DOCUMENT_INVALID ${problem}`);
  });
});
