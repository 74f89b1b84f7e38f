import { z } from 'zod';
import { instantField } from '#contract/messages/fields.ts';
import { gatewayParam } from './fields.ts';
import { defineRoute } from './route.ts';

/** The key stays on the gateway: only the request comes, and only what is public goes back. Texts are PEM. */
export const enrolGateway = defineRoute({
  name: 'enrolGateway',
  method: 'POST',
  path: '/api/v1/gateways/:gateway/certificate',
  summary: 'First certificate of a gateway, for the one-time claim in its request',
  access: { kind: 'claim' },
  params: z.strictObject({ gateway: gatewayParam }),
  /** PKCS#10, its claim as challenge password (RFC 2985 section 5.4.1), which its signature covers. */
  body: z.strictObject({ request: z.string().min(1).max(8_192) }),
  answer: {
    kind: 'json',
    status: 201,
    schema: z.object({
      certificate: z.string(),
      /** From who signed it to the root. */
      chain: z.array(z.string()),
      expiresAt: instantField,
    }),
  },
  requestsPerMinute: 10,
});
