import { blocksOf, placesOf } from '../devices/field-device.ts';
import type { DeviceProfile } from './device-profile.ts';
import { type Fixture, type FixtureLine, runFixture } from './fixture.ts';
import { problemsOfProfile, readProfile } from './load-profiles.ts';

/** What a command says, and whether all was well. */
export interface ProfileAnswer {
  readonly passed: boolean;
  readonly words: string;
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What is written, within what and how often; then what the device is told to do on its own. */
const written = ({ writes = {}, failSafe = [] }: DeviceProfile): string => {
  const orders = Object.entries(writes).map(
    ([quantity, { min, max, minSecondsBetweenWrites }]) =>
      `${quantity} (${min} to ${max}, each ${minSecondsBetweenWrites} s at most)`,
  );
  const kept = failSafe.map(({ means, write }) => (write === undefined ? `${means} (verified only)` : means));
  return `${orders.join(', ') || 'nothing'}${kept.length === 0 ? '' : `; keeps ${kept.join(', ')}`}`;
};

const summary = (profile: DeviceProfile): string => {
  const places = placesOf(profile, 0);
  const read = counted(places.length, 'quantity', 'quantities');
  const requests = counted(blocksOf(profile, places).length, 'request', 'requests');
  return `${profile.profile}: ${read} in ${requests}, writes ${written(profile)}.`;
};

/** Every problem of a page with its file, line and rule, or what the gateway will do with it. */
export const checkProfile = (text: string, file: string): ProfileAnswer => {
  const problems = problemsOfProfile(text, file);
  if (problems.length > 0) return { passed: false, words: problems.map(({ message }) => message).join('\n') };
  return { passed: true, words: summary(readProfile(text, file)) };
};

const row = (columns: readonly string[], widths: readonly number[]): string =>
  columns
    .map((column, index) => column.padEnd(widths[index] ?? 0))
    .join('  ')
    .trimEnd();

const table = (lines: readonly FixtureLine[]): string => {
  const rows = [
    ['quantity', 'expected', 'read', ''],
    ...lines.map(({ what, expected, read, agrees }) => [what, expected, read, agrees ? 'ok' : 'DIFFERS']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((each) => each[column]?.length ?? 0)));
  return rows.map((each) => `  ${row(each, widths)}`).join('\n');
};

/** A profile's sets of registers, read as the gateway reads them, in a table. Without any it does not pass. */
export const testProfile = (profile: DeviceProfile, fixtures: readonly Fixture[]): ProfileAnswer => {
  if (fixtures.length === 0)
    return { passed: false, words: `${profile.profile}: no set of registers to read; docs/add-a-device.md shows one.` };
  const results = fixtures.map((fixture) => ({ fixture, lines: runFixture(profile, fixture) }));
  return {
    passed: results.every(({ lines }) => lines.every(({ agrees }) => agrees)),
    words: results
      .map(({ fixture, lines }) => `${fixture.name}: ${fixture.source.split('\n')[0] ?? ''}\n${table(lines)}`)
      .join('\n'),
  };
};
