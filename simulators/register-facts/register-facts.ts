import { readFileSync } from 'node:fs';
import { z } from 'zod';

const registerFact = z.object({
  name: z.string(),
  /** Function code that reads it; null when it can only be written. */
  fc: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).nullable(),
  /** Address on the wire, from 0. */
  address: z.int().min(0).max(0xffff),
  type: z.enum(['bool', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'float32']),
  /** Which word of a value of several words comes first; inside a word the most significant byte always does. */
  wordOrder: z.enum(['big', 'little']),
  /** A value in `unit` is the raw number times this. */
  scale: z.number().positive(),
  unit: z.string(),
  rawUnit: z.string().optional(),
  writeFc: z.union([z.literal(5), z.literal(6)]).optional(),
  /** Address of one of many: `7000*line+100*sa+4`. */
  formula: z.string().optional(),
  step: z.int().positive().optional(),
  count: z.int().positive().optional(),
  bits: z.string().optional(),
  note: z.string().optional(),
});

const profileFacts = z.object({
  profile: z.string(),
  vendor: z.string(),
  models: z.array(z.string()),
  kind: z.string(),
  source: z.object({ repo: z.string(), path: z.string() }),
  confidence: z.string(),
  /** True for a product that does not exist. */
  fictitious: z.boolean(),
  notes: z.array(z.string()),
  registers: z.array(registerFact),
});

const registerMaps = z.object({ format: z.string(), profiles: z.array(profileFacts) });

export type RegisterFact = z.infer<typeof registerFact>;

export interface ProfileFacts extends z.infer<typeof profileFacts> {
  /** The fact of that name; a name that is not in the map is a mistake of the caller and throws RangeError. */
  register(name: string): RegisterFact;
}

const withLookup = (profile: z.infer<typeof profileFacts>): ProfileFacts => {
  const byName = new Map(profile.registers.map((register) => [register.name, register]));
  return {
    ...profile,
    register: (name) => {
      const fact = byName.get(name);
      if (fact === undefined) throw new RangeError(`${profile.profile} has no register named ${name}`);
      return fact;
    },
  };
};

/** Facts of one device model, from `register-maps.json`; RangeError when the map does not hold it. */
export type RegisterFacts = (profile: string) => ProfileFacts;

export const loadRegisterFacts = (): RegisterFacts => {
  const maps = registerMaps.parse(JSON.parse(readFileSync(new URL('./register-maps.json', import.meta.url), 'utf8')));
  const byProfile = new Map(maps.profiles.map((profile) => [profile.profile, withLookup(profile)]));
  return (name) => {
    const profile = byProfile.get(name);
    if (profile === undefined) throw new RangeError(`No register facts for ${name}`);
    return profile;
  };
};
