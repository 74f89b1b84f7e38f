import { expect, it } from 'vitest';
import { demoFile, moveIn } from './building-with-tenants.ts';

it('the demonstration’s section is read: sixteen flats, one consent, no tariff but the default', () => {
  const { dwellings, tenancies, consents, tariffChoices } = demoFile().housing;
  expect([dwellings.length, tenancies.length, consents.length, tariffChoices.length]).toEqual([16, 16, 1, 0]);
});

it('a tenant cannot be written in while the former one still lives there', () => {
  const overlapping = (text: string): string => moveIn(text).replace("to: '2026-11-20T09:00:00Z'", "to: '2026-11-21T09:00:00Z'");
  expect(demoFile(moveIn).housing.tenancies).toHaveLength(17);
  expect(() => demoFile(overlapping)).toThrow('the tenancy before has not ended');
});

it('a consent or a tenancy of a flat that does not exist is named by its line', () => {
  const lost = (text: string): string =>
    text.replace('- { dwelling: dwelling-tilleuls-07, displayGrain', '- { dwelling: dwelling-tilleuls-77, displayGrain');
  expect(() => demoFile(lost)).toThrow('there is no dwelling "dwelling-tilleuls-77"');
});
