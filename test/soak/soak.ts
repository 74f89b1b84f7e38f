export interface Soak {
  /** One line for the list. */
  readonly summary: string;
  /** Says its progress on the terminal; resolves with whether what it promises held. */
  run(): Promise<boolean>;
}
