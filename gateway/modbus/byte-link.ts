/** An open stream of bytes to a line. */
export interface ByteChannel {
  write(bytes: Uint8Array): void;
  /** Calls when the listener has been given every byte that had reached this machine; at once where they can be read at once. */
  caughtUp(then: () => void): void;
  close(): void;
}

export interface ByteListener {
  received(bytes: Buffer): void;
  /** The channel is gone, once, unless `close` was called. */
  lost(reason: string): void;
}

/** Rejects with an error that says why it could not be opened; always settles. */
export type OpenByteChannel = (listener: ByteListener) => Promise<ByteChannel>;

/** The channel of now: what an earlier one still says is not heard. */
export class ByteLink {
  readonly #open: OpenByteChannel;
  readonly #listener: ByteListener;
  #channel: ByteChannel | null = null;
  #attempt = 0;

  constructor(open: OpenByteChannel, listener: ByteListener) {
    this.#open = open;
    this.#listener = listener;
  }

  get isOpen(): boolean {
    return this.#channel !== null;
  }

  async connect(): Promise<void> {
    this.close();
    const attempt = this.#attempt;
    const channel = await this.#open({
      received: (bytes) => {
        if (attempt === this.#attempt) this.#listener.received(bytes);
      },
      lost: (reason) => {
        if (attempt !== this.#attempt) return;
        this.#channel = null;
        this.#listener.lost(reason);
      },
    });
    if (attempt === this.#attempt) this.#channel = channel;
    else {
      channel.close();
      throw new Error('closed by the gateway');
    }
  }

  write(bytes: Uint8Array): void {
    this.#channel?.write(bytes);
  }

  /** Does not call when the channel is not open, or no longer is. */
  caughtUp(then: () => void): void {
    const attempt = this.#attempt;
    this.#channel?.caughtUp(() => {
      if (attempt === this.#attempt && this.#channel !== null) then();
    });
  }

  close(): void {
    this.#attempt += 1;
    this.#channel?.close();
    this.#channel = null;
  }
}
