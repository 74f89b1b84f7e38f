import { reasonOf } from '#contract/errors.ts';
import { certificateMessage } from '#contract/messages/identity.ts';
import type { Clock, Timer } from '#contract/ports/clock.ts';
import type { KeptIdentity } from '#contract/ports/kept-identity.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import { topics } from '#contract/topics.ts';
import { formatInstant } from '#domain/civil-time.ts';
import type { GatewayId } from '#domain/identifiers.ts';

export interface RenewalDependencies {
  readonly gateway: GatewayId;
  readonly identity: KeptIdentity;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Renewal {
  /** Before the bus connects. */
  start(): Promise<void>;
  stop(): void;
}

const LOOK_EVERY_MS = 3_600_000;
/** Asked again from then on: with 90 days, a month to answer. */
const ASKED_BELOW_SHARE = 1 / 3;

/**
 * Asks for the next certificate while the current one still opens the broker, and takes it when it comes. The request is
 * retained, so that the authority may be away until somebody lets it answer.
 */
export const createRenewal = ({ gateway, identity, bus, clock, logger }: RenewalDependencies): Renewal => {
  const request = topics.certificateRequest(gateway);
  let timer: Timer | null = null;
  let unlisten: (() => void) | null = null;
  let isAsked = false;
  let isStopped = false;

  const ask = async (): Promise<void> => {
    if (isAsked || bus.state() !== 'connected' || clock.civilState() === 'unknown') return;
    const { validFrom, expiresAt } = await identity.current();
    if (expiresAt - clock.civilNow() >= (expiresAt - validFrom) * ASKED_BELOW_SHARE) return;
    await bus.publish(request, JSON.stringify({ request: await identity.demand() }), { qos: 1, retain: true });
    isAsked = true;
    logger.warn('certificate-asked', { expiresAt: formatInstant(expiresAt) });
  };

  const take = async (payload: Uint8Array): Promise<void> => {
    const { certificate } = certificateMessage.parse(JSON.parse(new TextDecoder().decode(payload)));
    if (!(await identity.accept(certificate))) return;
    isAsked = false;
    const { expiresAt } = await identity.current();
    logger.info('certificate-renewed', { expiresAt: formatInstant(expiresAt) });
    await bus.publish(request, '', { qos: 1, retain: true });
  };

  const look = (): void => {
    void ask().catch((thrown: unknown) => logger.warn('certificate-not-asked', { reason: reasonOf(thrown) }));
  };
  const lookAgain = (): void => {
    if (isStopped) return;
    look();
    timer = clock.after(LOOK_EVERY_MS, lookAgain);
  };

  return {
    async start() {
      unlisten = bus.onState((state) => {
        if (state === 'connected') look();
      });
      await bus.subscribe(topics.certificate(gateway), (_topic, payload) => {
        void take(payload).catch((thrown: unknown) => logger.warn('certificate-not-taken', { reason: reasonOf(thrown) }));
      });
      lookAgain();
    },
    stop() {
      isStopped = true;
      timer?.cancel();
      unlisten?.();
    },
  };
};
