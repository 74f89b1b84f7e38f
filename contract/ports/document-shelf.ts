/** A few small documents on disk at the edge (boot counter, desired state), each replaced atomically and synced. */
export interface DocumentShelf {
  /** Null when nothing was ever put under this name. */
  get(name: string): Promise<string | null>;
  /** Resolves when it is on the disk. */
  put(name: string, text: string): Promise<void>;
}
