import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fault, reasonOf } from '#contract/errors.ts';
import type { KeptIdentity } from '#contract/ports/kept-identity.ts';
import { instant } from '#domain/civil-time.ts';
import { readCertificate } from './certificates.ts';
import { demandCertificate } from './demand-certificate.ts';
import { replaceFile } from './whole-file.ts';

export interface FileIdentityOptions {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Who must have signed the next certificate; when absent, whoever signed the current one says so itself. */
  readonly caFile: string | null;
}

const instantOf = (text: string) => instant(Date.parse(text));

const parse = (pem: string, name: string): X509Certificate => {
  try {
    return new X509Certificate(pem);
  } catch (thrown) {
    throw fault('CERTIFICATE_REFUSED', { name, problem: reasonOf(thrown) }, thrown);
  }
};

/** An identity in files of PEM; only the certificate's is ever written. */
export const createFileIdentity = ({ certificateFile, keyFile, caFile }: FileIdentityOptions): KeptIdentity => {
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((thrown: unknown) => {
      throw fault('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) }, thrown);
    });
  const currentText = () => read(certificateFile);

  const isOfAuthority = async (next: X509Certificate, current: X509Certificate): Promise<boolean> => {
    if (caFile === null) return next.issuer === current.issuer;
    const root = new X509Certificate(await read(caFile));
    return next.checkIssued(root) && next.verify(root.publicKey);
  };

  return {
    async current() {
      const text = await currentText();
      const { validFrom } = new X509Certificate(text);
      const { name, expiresAt } = readCertificate(text);
      return { name, expiresAt, validFrom: instantOf(validFrom) };
    },
    async demand() {
      const [{ name }, key] = [readCertificate(await currentText()), await read(keyFile)];
      return (await demandCertificate({ name, key, claim: null })).request;
    },
    async accept(pem) {
      const text = await currentText();
      const { name } = readCertificate(text);
      const refused = (problem: string) => fault('CERTIFICATE_REFUSED', { name, problem });
      const [current, next] = [new X509Certificate(text), parse(pem, name)];
      if (next.subject !== current.subject) throw refused('it has another name');
      if (!next.checkPrivateKey(createPrivateKey(await read(keyFile)))) throw refused('it is of another key');
      if (!(await isOfAuthority(next, current))) throw refused('it is of another authority');
      if (instantOf(next.validTo) <= instantOf(current.validTo)) return false;
      await replaceFile(certificateFile, pem, 0o644);
      return true;
    },
  };
};
