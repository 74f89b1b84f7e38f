import type { QuantityName } from '#contract/quantities.ts';
import { blocksOf, type QuantityPlace } from '#gateway/devices/field-device.ts';
import { pointValue } from '#gateway/devices/point-value.ts';
import type { DeviceIdentification } from '#gateway/modbus/device-identification.ts';
import { isWithin, wordsWithin } from '#gateway/modbus/read-plan.ts';
import type { DeviceProfile } from '#gateway/profiles/device-profile.ts';
import { isNamedModel } from './named-model.ts';
import { type Evidence, evidenceOf, fitOf, isTelling, scoreOf } from './plausibility.ts';
import { AS_WRITTEN, type Layout, placesAt } from './profile-layout.ts';
import { type ReadUnit, UnitRegisters } from './unit-registers.ts';

export interface ReadQuantity {
  readonly quantity: QuantityName;
  /** Null: refused, unknown to the device, or beyond what the quantity can be. */
  readonly value: number | null;
  readonly isAnswered: boolean;
  readonly evidence: Evidence;
}

export interface Proposal {
  readonly profile: DeviceProfile;
  /** How the unit's registers differ from the page. */
  readonly layout: Layout;
  /** From 0 to 1. */
  readonly score: number;
  readonly quantities: readonly ReadQuantity[];
  /** The unit says of itself that it is this model. */
  readonly isNamed: boolean;
}

const BOTH_ORDERS: readonly Layout[] = [AS_WRITTEN, { isSwapped: true, offset: 0 }];
/** A page of which less is plausible is not proposed. */
const LEAST_FIT = 0.5;
/** A score below which addresses off by one are tried too. */
export const CONVINCING = 0.5;
const NAMED: Evidence = { weight: 6, earned: 6 };

/**
 * The profiles that fit what a unit answers, best first, equal ones by name. Each page is read as it is written, then with
 * the words of its values the other way round; when nothing convinces, pages with a voltage or a frequency also one
 * address lower and higher. Only the first channel of a page is read, and nothing is written.
 */
export const proposeProfiles = async (
  profiles: Iterable<DeviceProfile>,
  read: ReadUnit,
  identification: DeviceIdentification | null = null,
): Promise<readonly Proposal[]> => {
  const registers = new UnitRegisters(read);
  const pages = [...profiles];
  const asAddressed = await proposalsIn(BOTH_ORDERS, pages, registers, identification);
  if (asAddressed.some(({ score }) => score >= CONVINCING)) return ranked(asAddressed);
  const shifts = ([-1, 1] as const).flatMap((offset) => BOTH_ORDERS.map((layout) => ({ ...layout, offset })));
  const telling = pages.filter((page) => placesAt(page, AS_WRITTEN).some(({ quantity }) => isTelling(quantity)));
  const shifted = await proposalsIn(shifts, telling, registers, identification);
  return ranked([...asAddressed, ...shifted]);
};

const ranked = (proposals: readonly Proposal[]): readonly Proposal[] => {
  const best = new Map<string, Proposal>();
  for (const proposal of proposals) {
    const known = best.get(proposal.profile.profile);
    if (known === undefined || proposal.score > known.score) best.set(proposal.profile.profile, proposal);
  }
  return [...best.values()].toSorted((a, b) => b.score - a.score || a.profile.profile.localeCompare(b.profile.profile));
};

const proposalsIn = async (
  layouts: readonly Layout[],
  pages: readonly DeviceProfile[],
  registers: UnitRegisters,
  identification: DeviceIdentification | null,
): Promise<readonly Proposal[]> => {
  const proposals: Proposal[] = [];
  for (const profile of pages) {
    const isNamed = identification !== null && isNamedModel(identification, profile);
    for (const layout of layouts) {
      const quantities = await readQuantities(profile, layout, registers);
      const evidence = [...quantities.map((each) => each.evidence), ...(isNamed ? [NAMED] : [])];
      if (fitOf(evidence) >= LEAST_FIT) proposals.push({ profile, layout, score: scoreOf(evidence), quantities, isNamed });
    }
  }
  return proposals;
};

/** Voltages and frequency first: when none of them is plausible the rest is not asked for, and nothing is returned. */
const readQuantities = async (
  profile: DeviceProfile,
  layout: Layout,
  registers: UnitRegisters,
): Promise<readonly ReadQuantity[]> => {
  const places = placesAt(profile, layout);
  const telling = places.filter(({ quantity }) => isTelling(quantity));
  const told = await readPlaces(profile, telling, registers);
  if (telling.length > 0 && told.every(({ evidence }) => evidence.earned === 0)) return [];
  return [
    ...told,
    ...(await readPlaces(
      profile,
      places.filter((place) => !telling.includes(place)),
      registers,
    )),
  ];
};

const readPlaces = async (
  profile: DeviceProfile,
  places: readonly QuantityPlace[],
  registers: UnitRegisters,
): Promise<readonly ReadQuantity[]> => {
  const read: ReadQuantity[] = [];
  for (const block of blocksOf(profile, places)) {
    const words: readonly number[] | null = await registers.words(block);
    const held = places.filter(({ span }) => isWithin(block, span));
    if (words === null) read.push(...(await readOneByOne(held, registers)));
    else read.push(...held.map((place) => quantityOf(place, wordsWithin(block, words, place.span))));
  }
  return read;
};

/** A block refused may hold registers that the unit has. When it has not the first, the others are not asked for. */
const readOneByOne = async (places: readonly QuantityPlace[], registers: UnitRegisters): Promise<readonly ReadQuantity[]> => {
  const read: ReadQuantity[] = [];
  let isGivenUp = false;
  for (const place of places) {
    const words: readonly number[] | null = isGivenUp ? null : await registers.words(place.span);
    isGivenUp ||= words === null && read.length === 0;
    read.push(quantityOf(place, words));
  }
  return read;
};

const quantityOf = ({ quantity, point }: QuantityPlace, words: readonly number[] | null): ReadQuantity => {
  const value = words === null ? null : pointValue(quantity, point, words);
  return { quantity, value, isAnswered: words !== null, evidence: evidenceOf(quantity, value) };
};
