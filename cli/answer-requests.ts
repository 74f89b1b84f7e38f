import { reasonOf } from '#contract/errors.ts';
import { certificateRequestMessage } from '#contract/messages/identity.ts';
import type { CertificateAuthority } from '#contract/ports/certificate-authority.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { filters, parseTopic, topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';

export interface AnswerMeans {
  readonly bus: MessageBus;
  readonly authority: CertificateAuthority;
  readonly logger: Logger;
}

/** Signs what gateways ask over the broker to renew, those that wait included. What is refused is said and not answered. */
export const answerRequests = async ({ bus, authority, logger }: AnswerMeans): Promise<void> => {
  const answer = async (topic: string, payload: Uint8Array): Promise<void> => {
    const gateway = parseTopic(topic)?.gateway;
    // an empty one takes back a request that was answered
    if (gateway === undefined || payload.length === 0) return;
    const { request } = certificateRequestMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
    const issued = await authority.sign(request);
    const certificate = JSON.stringify({ certificate: issued.pem });
    await bus.publish(topics.certificate(gateway), certificate, { qos: 1, retain: true });
    logger.info('certificate-given', { name: issued.name, serial: issued.serial, expiresAt: formatInstant(issued.expiresAt) });
  };

  await bus.subscribe(filters.certificateRequests, (topic, payload) => {
    void answer(topic, payload).catch((thrown: unknown) => {
      logger.warn('certificate-not-given', { topic, reason: reasonOf(thrown) });
    });
  });
  await bus.connect();
};
