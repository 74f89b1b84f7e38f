/** What a service factory returns: it does nothing until `start()`. */
export interface Service {
  readonly name: string;
  /** Resolves when the service does its work; rejects with a fault when it cannot. */
  start(): Promise<void>;
  /** Finishes what is in flight, lets go of everything. Safe to call twice. */
  stop(): Promise<void>;
  health(): ServiceHealth;
}

export interface ServiceHealth {
  readonly state: 'starting' | 'ready' | 'degraded' | 'stopped';
  /** Why it is not ready, in one sentence. */
  readonly why?: string;
  /** Counters and depths worth a look. */
  readonly figures?: Readonly<Record<string, number>>;
}
