import { createPrivateKey, createPublicKey } from 'node:crypto';
import { KEY_ALGORITHM } from './x509.ts';

const { subtle } = globalThis.crypto;

export interface Keys {
  readonly pair: CryptoKeyPair;
  /** PKCS#8 in PEM. */
  readonly pem: string;
}

const pemOf = (pkcs8: ArrayBuffer): string =>
  createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();

export const makeKeys = async (): Promise<Keys> => {
  const pair = await subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  return { pair, pem: pemOf(await subtle.exportKey('pkcs8', pair.privateKey)) };
};

/** Throws when the text is not a P-256 private key. */
export const readKeys = async (pem: string): Promise<Keys> => {
  const key = createPrivateKey(pem);
  const [pkcs8, spki] = [
    key.export({ format: 'der', type: 'pkcs8' }),
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
  ];
  const privateKey = await subtle.importKey('pkcs8', pkcs8, KEY_ALGORITHM, true, ['sign']);
  const publicKey = await subtle.importKey('spki', spki, KEY_ALGORITHM, true, ['verify']);
  return { pair: { privateKey, publicKey }, pem };
};
