import { isDeepStrictEqual } from 'node:util';
import { Fault, reasonOf } from '#contract/errors.ts';
import type { DevicesDocument } from '#contract/messages/documents.ts';
import type { Status } from '#contract/messages/status.ts';
import type { Logger } from '#contract/ports/logger.ts';
import type { GatewayConfiguration, GatewayFile } from '#gateway/configuration.ts';
import type { Journal } from '#gateway/outbox/journal.ts';
import type { DeviceProfiles } from '#gateway/profiles/load-profiles.ts';
import { type FieldLayout, layOut } from './layout.ts';
import type { LiveField } from './live-field.ts';
import type { MeterReplacements } from './meter-replacements.ts';

export type RefusedFile = NonNullable<Extract<Status, { state: 'online' }>['refusedFile']>;

export interface ReconfigurationDependencies {
  /** With which the gateway started. */
  readonly configuration: GatewayConfiguration;
  readonly library: DeviceProfiles;
  readonly field: LiveField;
  readonly meters: MeterReplacements;
  readonly journal: Journal;
  readonly logger: Logger;
}

/** Keys that name what is stored, or lock the gateway. */
const KEYS_OF_A_START = ['id', 'zone', 'outbox', 'readOnly'] as const;

/**
 * Puts a document `devices` or the file read again in force: one after the other, whole, or not at all. What fails before the
 * exchange leaves all as it was.
 */
export class Reconfiguration {
  readonly #deps: ReconfigurationDependencies;
  #layout: FieldLayout;
  #document: DevicesDocument | null = null;
  #refusedFile: RefusedFile | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: ReconfigurationDependencies) {
    this.#deps = deps;
    this.#layout = layOut(deps.configuration, null, deps.library);
  }

  /** In force. */
  get layout(): FieldLayout {
    return this.#layout;
  }

  get refusedFile(): RefusedFile | null {
    return this.#refusedFile;
  }

  /** First set of a start. A stored document that does not go with the file is left out: resolves to its fault, else to null. */
  async begin(document: DevicesDocument | null): Promise<Fault | null> {
    const { configuration, library } = this.#deps;
    try {
      await this.#apply(layOut(configuration, document, library));
      this.#document = document;
      return null;
    } catch (thrown) {
      if (!(thrown instanceof Fault) || document === null) throw thrown;
      await this.#apply(this.#layout);
      return thrown;
    }
  }

  /** `keep` puts the document on the disk; from then on it is the one of the next start. Rejects with `DOCUMENT_INVALID`. */
  document(document: DevicesDocument, keep: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#apply(layOut(this.#layout.configuration, document, this.#deps.library), keep);
      this.#document = document;
    });
  }

  /** Rejects with the fault of the file, which is kept as `refusedFile`. */
  file(read: () => Promise<GatewayFile>): Promise<void> {
    return this.#inTurn(async () => {
      const { journal, logger } = this.#deps;
      try {
        const file = await read();
        const isNew = !isDeepStrictEqual(file.configuration, this.#layout.configuration);
        if (isNew) await this.#applyFile(file);
        this.#refusedFile = null;
        logger.info(isNew ? 'file-applied' : 'file-unchanged');
        if (isNew) journal.event('file-applied', null);
      } catch (thrown) {
        if (thrown instanceof Fault) this.#refuseFile(thrown);
        throw thrown;
      }
    });
  }

  async #applyFile(file: GatewayFile): Promise<void> {
    const { configuration, refusal } = file;
    const former = this.#layout.configuration;
    const fixed = KEYS_OF_A_START.find((key) => !isDeepStrictEqual(configuration[key], former[key]));
    if (fixed !== undefined)
      throw refusal(
        [fixed],
        `${fixed} cannot change while the gateway runs`,
        'restart the gateway, or put the former value back',
      );
    try {
      await this.#apply(layOut(configuration, this.#document, this.#deps.library));
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'DOCUMENT_INVALID')
        throw refusal(['buses'], `it does not go with the devices that the centre says: ${thrown.what}`, 'both must agree');
      throw thrown instanceof Fault ? thrown : refusal(['buses'], reasonOf(thrown), 'one line is spoken in one way');
    }
  }

  async #apply(layout: FieldLayout, keep: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { field, meters } = this.#deps;
    const prepared = field.prepare(layout);
    try {
      await meters.note(prepared.change.devices);
      await keep();
    } catch (thrown) {
      prepared.abandon();
      await meters.note(field.devices);
      throw thrown;
    }
    this.#layout = layout;
    prepared.commit();
  }

  #refuseFile({ code, what, message }: Fault): void {
    const { journal, logger } = this.#deps;
    this.#refusedFile = { code, why: what.slice(0, 300) };
    logger.error('file-refused', { code, why: message });
    journal.event('file-refused', null, { code, why: what.slice(0, 300) });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
