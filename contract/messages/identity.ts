import { z } from 'zod';

const pem = (title: string) =>
  z
    .string()
    .max(8_192)
    .regex(new RegExp(`^-----BEGIN ${title}-----\\n[A-Za-z0-9+/=\\n]+-----END ${title}-----\\n$`));

/** A gateway asks for its next certificate, with the key of the one in force; kept until it has it. */
export const certificateRequestMessage = z.strictObject({ request: pem('CERTIFICATE REQUEST') });
export type CertificateRequestMessage = z.output<typeof certificateRequestMessage>;

/** The certificate that it then shows. */
export const certificateMessage = z.strictObject({ certificate: pem('CERTIFICATE') });
export type CertificateMessage = z.output<typeof certificateMessage>;

export const certificateRequestExample = {
  request: '-----BEGIN CERTIFICATE REQUEST-----\nMIHmMIGOAgEA\n-----END CERTIFICATE REQUEST-----\n',
} satisfies CertificateRequestMessage;
export const certificateExample = {
  certificate: '-----BEGIN CERTIFICATE-----\nMIIBpDCCAUqg\n-----END CERTIFICATE-----\n',
} satisfies CertificateMessage;
