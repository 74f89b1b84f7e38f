import { expect, test } from 'vitest';
import { isCommitSubject, newestSubjects } from './commit-messages.ts';

test('the newest commits are conventional, with their folder as scope', () => {
  expect(newestSubjects().filter((subject) => !isCommitSubject(subject))).toEqual([]);
});

test.each([
  'Fix stuff',
  'feat: no folder',
  'feat(control) no colon',
  'feat(control): ends with a stop.',
  'feature(control): unknown kind',
])('the commit message "%s" is refused', (subject) => {
  expect(isCommitSubject(subject)).toBe(false);
});

test.each(['feat(control): publish overrides with their end', 'fix(gateway/modbus)!: one queue per bus', 'Merge branch peak'])(
  'the commit message "%s" is accepted',
  (subject) => {
    expect(isCommitSubject(subject)).toBe(true);
  },
);
