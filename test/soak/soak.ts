export interface Soak {
  /** One line for the list. */
  readonly summary: string;
  /** Says its progress on the terminal; resolves with whether what it promises held. `options`: what was written behind its name. */
  run(options: readonly string[]): Promise<boolean>;
}
