import { fault, reasonOf } from '#contract/errors.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import type { Clock } from '#contract/ports/clock.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { AssetsRegistry, AuditRegistry } from '#contract/ports/registry.ts';
import { enrolGateway } from '#contract/routes/identity.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { GatewayId } from '#domain/identifiers.ts';

export interface EnrolmentMeans {
  /** Null where certificates are signed elsewhere. */
  readonly authority: Pick<CertificateAuthority, 'sign' | 'rootCertificate'> | null;
  readonly assets: Pick<AssetsRegistry, 'gateways'>;
  readonly audit: AuditRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The way of a new gateway into the broker: what it shows is its claim, since it has nothing else yet. */
export const enrolmentRoutes = ({ authority, assets, audit, clock, logger }: EnrolmentMeans): readonly MountedRoute[] => {
  /** A gateway that the registry does not know is told what a wrong claim is told. */
  const siteOf = async (gateway: GatewayId) => {
    const known = (await assets.gateways()).find(({ id }) => id === gateway);
    if (known === undefined) throw fault('CLAIM_REFUSED', { name: gateway });
    return known.site;
  };

  const sign = async (gateway: GatewayId, request: string, clientAddress: string) => {
    if (authority === null) throw fault('AUTHORITY_ABSENT', { name: gateway });
    const site = await siteOf(gateway);
    const { pem, serial, expiresAt } = await authority.sign(request, gateway);
    const detail = `${serial} until ${formatInstant(expiresAt)}, for ${clientAddress}`;
    await audit.record({ at: clock.civilNow(), by: gateway, action: 'certificate-given', object: gateway, site, detail });
    logger.info('certificate-given', { name: gateway, serial, expiresAt: formatInstant(expiresAt) });
    return { certificate: pem, chain: [authority.rootCertificate()], expiresAt: formatInstant(expiresAt) };
  };

  return [
    mount(enrolGateway, ({ params, body, clientAddress }) =>
      sign(params.gateway, body.request, clientAddress).catch((thrown: unknown) => {
        logger.warn('certificate-not-given', { name: params.gateway, clientAddress, reason: reasonOf(thrown) });
        throw thrown;
      }),
    ),
  ];
};
