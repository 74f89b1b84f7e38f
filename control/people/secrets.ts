import { randomBytes, randomInt } from 'node:crypto';
import { type AccountId, accountId } from '#domain/identifiers.ts';

/** Letters of a code that is read from paper and typed: none that looks like another (no I, L, O). */
const CODE_LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const PASSWORD_LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
export const LETTER_CODE_LENGTH = 8;
/** The part of a letter code by which its account is found; the rest is secret and only hashed. */
const SELECTOR_LENGTH = 4;

const draw = (letters: string, length: number): string =>
  Array.from({ length }, () => letters.charAt(randomInt(letters.length))).join('');

/** 256 random bits, base64url. */
export const newSessionToken = (): string => randomBytes(32).toString('base64url');
export const newSessionId = (): string => `session-${randomBytes(12).toString('hex')}`;
export const newAccountId = (): AccountId => accountId(`account-${randomBytes(6).toString('hex')}`);
export const newOrderId = (): string => `override-${randomBytes(8).toString('hex')}`;

export const newLetterCode = (): string => draw(CODE_LETTERS, LETTER_CODE_LENGTH);
export const newDigits = (): string => String(randomInt(10_000)).padStart(4, '0');
/** Three words of four letters, 59 bits: for accounts whose owner reads it on his own screen. */
export const newPassword = (): string => [1, 2, 3].map(() => draw(PASSWORD_LETTERS, 4)).join('-');

/** A letter code as typed, with spaces, hyphens or small letters, as it is kept. */
export const normaliseLetterCode = (typed: string): string => typed.replaceAll(/[\s-]/g, '').toUpperCase();

export const tenantLogin = (letterCode: string): string => letterCode.slice(0, SELECTOR_LENGTH);
export const tenantSecret = (letterCode: string, digits: string): string => `${letterCode}:${digits}`;
export const staffLogin = (email: string): string => email.trim().normalize('NFC').toLowerCase();
