import { Fault, fault, reasonOf } from '#contract/errors.ts';
import type { DevicesDocument } from '#contract/messages/documents.ts';
import type { Status } from '#contract/messages/status.ts';
import type { DocumentShelf } from '#contract/ports/document-shelf.ts';
import type { Logger } from '#contract/ports/logger.ts';
import { DOCUMENT_NAMES, type DocumentName } from '#contract/topics.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import { checkDocument, type DesiredDocument, revisionOf } from './check-document.ts';

type OnlineStatus = Extract<Status, { state: 'online' }>;
export type AppliedRevisions = OnlineStatus['applied'];
export type RefusedDocuments = NonNullable<OnlineStatus['refused']>;

export interface DesiredStateDependencies {
  readonly shelf: DocumentShelf;
  readonly logger: Logger;
  readonly journal: Journal;
  /** Puts the devices of the centre in force as a whole; `keep` puts the document on the disk. Rejects, and all is as before. */
  readonly reconfigure: (document: DevicesDocument, keep: () => Promise<void>) => Promise<void>;
  /** Called when a document has come into force. */
  readonly onApplied: (name: DocumentName) => void;
  /** Called when one was refused. */
  readonly onRefused: (name: DocumentName) => void;
}

type Documents = { [N in DocumentName]?: DesiredDocument<N> };

const shelfName = (name: DocumentName): string => `document-${name}`;

/** The documents in force. Each is validated, put on the shelf and only then obeyed; a wrong one leaves the former in force. */
export class DesiredState {
  readonly #deps: DesiredStateDependencies;
  readonly #documents: Documents = {};
  readonly #refused = new Map<DocumentName, RefusedDocuments[number]>();
  #receiving: Promise<void> = Promise.resolve();

  constructor(deps: DesiredStateDependencies) {
    this.#deps = deps;
  }

  /** Takes what a former run stored, so that the field is obeyed without the centre. */
  async start(): Promise<void> {
    for (const name of DOCUMENT_NAMES) {
      const text = await this.#deps.shelf.get(shelfName(name));
      if (text === null) continue;
      try {
        this.#keep(name, checkDocument(name, new TextEncoder().encode(text)));
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        this.#deps.logger.error('stored-document-was-not-valid', { document: name, code: thrown.code, why: thrown.message });
      }
    }
  }

  get<N extends DocumentName>(name: N): DesiredDocument<N> | null {
    return (this.#documents[name] as DesiredDocument<N> | undefined) ?? null;
  }

  applied(): AppliedRevisions {
    const revision = (name: DocumentName): number | null => this.#documents[name]?.revision ?? null;
    return {
      programs: revision('programs'),
      overrides: revision('overrides'),
      envelope: revision('envelope'),
      consents: revision('consents'),
      devices: revision('devices'),
    };
  }

  refused(): RefusedDocuments {
    return [...this.#refused.values()];
  }

  /** A stored document that does not go with the gateway's file is not in force. */
  withdraw(name: DocumentName, refusal: Fault): void {
    delete this.#documents[name];
    this.#refuse(name, refusal);
  }

  /** The file has changed: what was refused, or stored and not in force, may go with it now. */
  async reconsider(name: DocumentName): Promise<void> {
    this.#refused.delete(name);
    const text = this.#documents[name] === undefined ? await this.#deps.shelf.get(shelfName(name)) : null;
    if (text !== null) await this.receive(name, new TextEncoder().encode(text));
  }

  /** Documents are taken one after the other. Resolves when this one is obeyed or refused. */
  receive(name: DocumentName, payload: Uint8Array): Promise<void> {
    this.#receiving = this.#receiving.then(() => this.#take(name, payload));
    return this.#receiving;
  }

  async #take(name: DocumentName, payload: Uint8Array): Promise<void> {
    if (payload.length === 0) return;
    try {
      const document = checkDocument(name, payload);
      if (this.#isInForce(name, document)) return;
      await this.#store(name, document, payload);
      this.#keep(name, document);
      this.#refused.delete(name);
      this.#deps.logger.info('document-applied', { document: name, revision: document.revision });
      this.#deps.journal.event('document-applied', null, { document: name, revision: document.revision });
      this.#deps.onApplied(name);
    } catch (thrown) {
      const unforeseen = (problem: string) =>
        fault('DOCUMENT_INVALID', { document: name, revision: 'unknown', path: '$', problem }, thrown);
      this.#refuse(name, thrown instanceof Fault ? thrown : unforeseen(reasonOf(thrown)));
    }
  }

  async #store<N extends DocumentName>(name: N, document: DesiredDocument<N>, payload: Uint8Array): Promise<void> {
    const { shelf, reconfigure } = this.#deps;
    const keep = () => shelf.put(shelfName(name), new TextDecoder().decode(payload));
    try {
      if (name === 'devices') await reconfigure(document as DesiredDocument<'devices'>, keep);
      else await keep();
    } catch (thrown) {
      if (thrown instanceof Fault) throw thrown;
      // Its revision is not a refused one: nothing is wrong with it, and the centre sends it again.
      const problem = `it could not be kept: ${reasonOf(thrown)}`;
      throw fault('DOCUMENT_INVALID', { document: name, revision: `${document.revision}`, path: '$', problem }, thrown);
    }
  }

  /** The same again is nothing new; an older one, or another under the same revision, is refused. */
  #isInForce(name: DocumentName, document: { readonly revision: number; readonly hash: string }): boolean {
    const current = this.#documents[name];
    if (current === undefined || document.revision > current.revision) return false;
    if (document.revision === current.revision && document.hash === current.hash) return true;
    throw fault('DOCUMENT_INVALID', {
      document: name,
      revision: document.revision,
      path: 'revision',
      problem: `revision ${current.revision} is in force`,
    });
  }

  #keep<N extends DocumentName>(name: N, document: DesiredDocument<N>): void {
    (this.#documents as Record<DocumentName, unknown>)[name] = document;
  }

  #refuse(name: DocumentName, refusal: Fault): void {
    const { logger, journal, onRefused } = this.#deps;
    const revision = revisionOf(refusal);
    const inForce = this.#documents[name]?.revision ?? -1;
    logger.warn('document-refused', { document: name, code: refusal.code, why: refusal.message });
    journal.event('document-refused', null, { document: name, code: refusal.code, ...(revision === null ? {} : { revision }) });
    if (revision === null || revision > inForce)
      this.#refused.set(name, { document: name, revision, code: refusal.code, why: refusal.what.slice(0, 300) });
    onRefused(name);
  }
}
