import { fault, reasonOf } from '#contract/errors.ts';
import { DOCUMENT_LIMIT_BYTES, documentHash, sealDocument } from '#contract/messages/documents.ts';
import type { Status } from '#contract/messages/status.ts';
import type { Clock, Monotonic } from '#contract/ports/clock.ts';
import type { CommissioningRegistry } from '#contract/ports/commissioning-registry.ts';
import type { HousingRegistry } from '#contract/ports/housing-registry.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { MessageBus } from '#contract/ports/message-bus.ts';
import type { AssetsRegistry, LightingRegistry, PublishedDocument } from '#contract/ports/registry.ts';
import { topics } from '#contract/topics.ts';
import type { FieldAssets } from '#domain/assets/field-assets.ts';
import type { EdgeGateway } from '#domain/assets/site.ts';
import type { GatewayId } from '#domain/identifiers.ts';
import { devicesContent } from '../commissioning/devices-content.ts';
import { consentsContent, overridesContent, programsContent } from '../programs/desired-documents.ts';

/** Documents that control publishes; an envelope exists only once there is a peak plan, devices once one was declared. */
export const PUBLISHED_DOCUMENTS = ['programs', 'overrides', 'consents', 'devices'] as const;
export type PublishedName = (typeof PUBLISHED_DOCUMENTS)[number];

/** A document on its way is not sent again to a gateway that has not said yet that it has it. */
const REPUBLISH_AFTER_MS = 5_000;

export interface DesiredStateMeans {
  readonly assets: AssetsRegistry;
  readonly lighting: LightingRegistry;
  /** What dwelling points may publish, by dates. */
  readonly housing: Pick<HousingRegistry, 'grainsOf'>;
  readonly commissioning: Pick<CommissioningRegistry, 'devicesOf'>;
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface DesiredState {
  /** Builds the documents of a gateway again and publishes those whose content changed. */
  refresh(gateway: GatewayId): Promise<void>;
  refreshAll(): Promise<void>;
  /** Publishes every document of every gateway again: the broker may have lost its retained messages. */
  publishAll(): Promise<void>;
  /** Compares with what a gateway says it applies, and publishes again what it lacks. */
  reconcile(gateway: GatewayId, status: Status & { readonly state: 'online' }): Promise<void>;
  revisionOf(gateway: GatewayId, name: PublishedName): Promise<number | null>;
}

const written = (revision: number, content: object): PublishedDocument => ({
  revision,
  contentHash: documentHash(content),
  text: JSON.stringify(sealDocument({ revision, ...content })),
});

/** Works on one gateway at a time, in the order asked, so that revisions never cross. */
const createTurns = () => {
  const last = new Map<GatewayId, Promise<void>>();
  return (gateway: GatewayId, work: () => Promise<void>): Promise<void> => {
    const turn = (last.get(gateway) ?? Promise.resolve()).then(work);
    last.set(
      gateway,
      turn.catch(() => undefined),
    );
    return turn;
  };
};

export const createDesiredState = (means: DesiredStateMeans): DesiredState => {
  const { assets, lighting, bus, clock, logger } = means;
  const inTurn = createTurns();
  const sentAt = new Map<string, Monotonic>();

  /** Nothing for a gateway whose own file says all its devices: it would refuse the document. */
  const devicesOf = async (id: GatewayId, standing: FieldAssets): Promise<object | null> => {
    const declared = await means.commissioning.devicesOf(id);
    const wasPublished = (await lighting.document(id, 'devices')) !== null;
    return declared.length === 0 && !wasPublished ? null : devicesContent(declared, standing);
  };

  const contentsOf = async ({ id, site }: EdgeGateway): Promise<Readonly<Record<PublishedName, object | null>> | null> => {
    const at = clock.civilNow();
    const standing = await assets.siteAssets(site);
    const [own] = standing?.sites ?? [];
    if (standing === null || own === undefined) return null;
    const programs = await lighting.programsOf(site);
    const assignments = await lighting.assignmentsOf(site);
    return {
      programs: programsContent(id, { site: own, assets: standing, programs, assignments }),
      overrides: overridesContent(id, standing, await lighting.overridesInForce(site, at)),
      consents: consentsContent(own, await means.housing.grainsOf(id), at),
      devices: await devicesOf(id, standing),
    };
  };

  /** A broker that is away gets everything when it is back; anything else is said. */
  const publish = async (gateway: GatewayId, name: PublishedName, document: PublishedDocument): Promise<void> => {
    if (bus.state() !== 'connected') return;
    const key = `${gateway}/${name}`;
    sentAt.set(key, clock.monotonicNow());
    try {
      await bus.publish(topics.document(gateway, name), document.text, { qos: 1, retain: true });
    } catch (thrown) {
      sentAt.delete(key);
      if (bus.state() === 'connected')
        logger.warn('document-not-published', { gateway, document: name, reason: reasonOf(thrown) });
    }
  };

  const requireSize = (gateway: GatewayId, name: PublishedName, { text, revision }: PublishedDocument): void => {
    const bytes = Buffer.byteLength(text);
    if (bytes > DOCUMENT_LIMIT_BYTES)
      throw fault('DOCUMENT_TOO_LARGE', { document: `${name} of ${gateway}`, revision, bytes, limit: DOCUMENT_LIMIT_BYTES });
  };

  const revise = async (gateway: GatewayId, name: PublishedName, content: object): Promise<void> => {
    const former = await lighting.document(gateway, name);
    if (former?.contentHash === documentHash(content)) return;
    const next = written((former?.revision ?? 0) + 1, content);
    requireSize(gateway, name, next);
    await lighting.saveDocument(gateway, name, next);
    logger.info('document-revised', { gateway, document: name, revision: next.revision });
    await publish(gateway, name, next);
  };

  const refreshGateway = (gateway: EdgeGateway): Promise<void> =>
    inTurn(gateway.id, async () => {
      const contents = await contentsOf(gateway);
      if (contents === null) return;
      for (const name of PUBLISHED_DOCUMENTS) {
        const content = contents[name];
        if (content !== null) await revise(gateway.id, name, content);
      }
    });

  /** A gateway that obeys a higher revision knew another registry: ours goes above it, or it would be ignored. */
  const overtake = async (
    gateway: GatewayId,
    name: PublishedName,
    document: PublishedDocument,
    applied: number,
  ): Promise<void> => {
    const { revision: _revision, hash: _hash, ...content } = JSON.parse(document.text) as { revision: number; hash: string };
    const next = written(applied + 1, content);
    await lighting.saveDocument(gateway, name, next);
    logger.warn('document-overtaken', { gateway, document: name, applied, revision: next.revision });
    await publish(gateway, name, next);
  };

  const wasJustSent = (gateway: GatewayId, name: PublishedName): boolean => {
    const at = sentAt.get(`${gateway}/${name}`);
    return at !== undefined && clock.monotonicNow() - at < REPUBLISH_AFTER_MS;
  };

  return {
    refresh: async (id) => {
      const gateway = (await assets.gateways()).find((known) => known.id === id);
      if (gateway !== undefined) await refreshGateway(gateway);
    },
    refreshAll: async () => {
      for (const gateway of await assets.gateways())
        await refreshGateway(gateway).catch((thrown: unknown) => {
          // One gateway's trouble is not the others'.
          logger.error('documents-not-built', { gateway: gateway.id, reason: reasonOf(thrown) });
        });
    },
    publishAll: async () => {
      for (const { id } of await assets.gateways())
        await inTurn(id, async () => {
          for (const name of PUBLISHED_DOCUMENTS) {
            const document = await lighting.document(id, name);
            if (document !== null) await publish(id, name, document);
          }
        });
    },
    reconcile: (gateway, { applied, refused }) =>
      inTurn(gateway, async () => {
        for (const name of PUBLISHED_DOCUMENTS) {
          const document = await lighting.document(gateway, name);
          const has = applied[name];
          if (document === null || has === document.revision) continue;
          if (has !== null && has > document.revision) await overtake(gateway, name, document, has);
          else if (refused?.some((one) => one.document === name && one.revision === document.revision) === true) continue;
          else if (!wasJustSent(gateway, name)) {
            logger.info('document-sent-again', { gateway, document: name, revision: document.revision, applied: has });
            await publish(gateway, name, document);
          }
        }
      }),
    revisionOf: async (gateway, name) => (await lighting.document(gateway, name))?.revision ?? null,
  };
};
