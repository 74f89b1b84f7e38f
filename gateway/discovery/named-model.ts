import type { DeviceIdentification } from '#gateway/modbus/device-identification.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';

/** Of a word that names one model and not a family: long enough, and with a digit. */
const LEAST_LETTERS = 4;
const DIGIT = /\d/;

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

const namesOf = ({ models }: DeviceProfile): readonly string[] =>
  models
    .flatMap((model) => model.split(/[\s(),/]+/))
    .map(plain)
    .filter((word) => word.length >= LEAST_LETTERS && DIGIT.test(word));

/** Whether a unit says of itself that it is a model of this page. */
export const isNamedModel = ({ product }: DeviceIdentification, profile: DeviceProfile): boolean => {
  const said = plain(product ?? '');
  return said.length >= LEAST_LETTERS && namesOf(profile).some((name) => said.includes(name) || name.includes(said));
};
