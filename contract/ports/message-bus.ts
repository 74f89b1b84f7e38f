export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}

export interface Subscription {
  cancel(): Promise<void>;
}

export interface LastWill {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export type BusState = 'connected' | 'disconnected';

/** MQTT 3.1.1 as a port. Delivery is at least once; a resolved publish is a PUBACK, which is not durability. */
export interface MessageBus {
  /** Connects, and keeps reconnecting with jitter until `disconnect()`. Resolves at the first connection. */
  connect(): Promise<void>;
  /** Graceful: the last will is not sent. Pending publishes reject with `SERVICE_UNREACHABLE`. */
  disconnect(): Promise<void>;
  /**
   * QoS 1 resolves at PUBACK. Rejects with `SERVICE_UNREACHABLE` at once when disconnected, and when the link is lost
   * before PUBACK: nothing waits in a hidden queue, the caller owns its retries.
   */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>;
  /** Kept over reconnections. The handler gets the raw payload: validating it is the caller's work. */
  subscribe(filter: string, handler: (topic: string, payload: Uint8Array) => void): Promise<Subscription>;
  state(): BusState;
  /** Called at each change of state. Returns its own cancel. */
  onState(listener: (state: BusState) => void): () => void;
}
