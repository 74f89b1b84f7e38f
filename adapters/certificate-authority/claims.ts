import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '#contract/errors.ts';
import type { Claim } from '#contract/ports/certificate-authority.ts';
import { type Instant, instant } from '#domain/civil-time.ts';

const LIFE_MS = 86_400_000;

const keptClaim = z.strictObject({ name: z.string(), expiresAt: z.int() });

/** One-time claims, one file each, named after the hash of its token. */
export interface Claims {
  make(name: string, now: Instant): Promise<Claim>;
  /** Uses it up. Rejects with `CLAIM_REFUSED` unless it is this name's, in time and for the first time. */
  spend(token: string, name: string, now: Instant): Promise<void>;
}

export const createClaims = (folder: string): Claims => {
  const fileOf = (token: string): string => join(folder, createHash('sha256').update(token).digest('hex'));

  return {
    async make(name, now) {
      const token = randomBytes(32).toString('base64url');
      const expiresAt = instant(now + LIFE_MS);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(fileOf(token), JSON.stringify({ name, expiresAt }), { flag: 'wx', mode: 0o600 });
      return { name, token, expiresAt };
    },
    async spend(token, name, now) {
      const file = fileOf(token);
      const refused = (cause?: unknown) => fault('CLAIM_REFUSED', { name }, cause);
      const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
        throw refused(thrown);
      });
      const kept = keptClaim.parse(JSON.parse(text));
      if (kept.name !== name || kept.expiresAt <= now) throw refused();
      // of two that come together, one finds it gone
      await rename(file, `${file}.spent`).catch((thrown: unknown) => {
        throw refused(thrown);
      });
    },
  };
};
