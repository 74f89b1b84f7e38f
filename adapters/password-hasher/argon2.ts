import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from '#contract/ports/password-hasher.ts';

/** Argon2id at 19 MiB, 2 passes, 1 lane: the first choice of OWASP's password storage cheat sheet. */
const COSTS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

export const createArgon2Hasher = (): PasswordHasher => ({
  hash: (secret) => hash(secret, COSTS),
  verify: (hashed, secret) => verify(hashed, secret),
});
