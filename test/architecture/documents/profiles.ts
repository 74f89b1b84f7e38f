import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import { PROFILES_FOLDER, readProfile } from '#gateway/profiles/load-profiles.ts';
import { ROOT } from '../tree.ts';
import { GENERATED, markdownTable } from './tables.ts';

const RECORDED = /^recorded on hardware/im;

/** Whether a fixture of this profile says that it was recorded on a device. */
const isRecorded = (profile: string): boolean => {
  const folder = path.join(ROOT, 'test/fixtures/modbus', profile);
  if (!existsSync(folder)) return false;
  return readdirSync(folder)
    .map((name) => path.join(folder, name, 'source.md'))
    .some((file) => existsSync(file) && RECORDED.test(readFileSync(file, 'utf8')));
};

const onItsOwn = (failSafe: DeviceProfile['failSafe'] = []): string =>
  failSafe.map(({ means, write }) => (write === undefined ? `${means} (verified only)` : means)).join(', ') || '–';

/** The device models that the gateway knows, from `gateway/profiles`, with what their page rests on. */
export const profilesPage = (): string => {
  const pages = readdirSync(PROFILES_FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => readProfile(readFileSync(path.join(PROFILES_FOLDER, name), 'utf8'), name));
  const rows = pages.map(({ profile, vendor, models, kind, origin, document, confidence, failSafe }) => [
    `\`${profile}\``,
    `${vendor}: ${models.join(', ')}`,
    kind,
    origin === 'fictitious' ? '**fictitious**: exists only in the simulated field' : document,
    confidence,
    isRecorded(profile) ? 'yes' : 'no',
    onItsOwn(failSafe),
  ]);
  return `${GENERATED}# Device profiles\n\nOne page of data per model, in \`gateway/profiles\`. "Recorded" says whether a test replays registers recorded on the device itself; without it, a page rests on the maker's document alone and its first reading on site is to be compared with the device's own display. "Confidence" is what a page rests on: the maker's manual, source code that others publish and use, a part of a document, or general knowledge. "On its own" is what the gateway keeps as wanted for the time when the link or the supply is lost; a dash where the maker's document that was available offers nothing. Water and heat come through M-Bus gateways (\`anybus-mbus-modbus-tcp\`, \`adfweb-mbus-*\`); the Anybus page has no water, since its manual's table of units was not available. [add-a-device.md](add-a-device.md) adds one in an hour.\n\n${markdownTable(['profile', 'maker and models', 'kind', 'document', 'confidence', 'recorded', 'on its own'], rows)}\n`;
};
