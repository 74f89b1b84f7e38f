import type { Field } from '#contract/messages/field.ts';

const profileIn = (field: Field | null, profile: string) => field?.profiles.find((known) => known.profile === profile);

/** As its profile says; a profile that the gateway has not said gives its own name. */
export const makerAndModel = (field: Field | null, profile: string): { readonly maker: string; readonly model: string } => {
  const known = profileIn(field, profile);
  return { maker: known?.vendor ?? '—', model: known?.models.join(', ') || profile };
};

export const canBlink = (field: Field | null, profile: string): boolean =>
  profileIn(field, profile)?.writes.includes('commandedLevelPercent') ?? false;

export const channelsOf = (field: Field | null, profile: string): number | null => profileIn(field, profile)?.channels ?? null;
