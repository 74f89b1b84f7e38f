export interface Outbox {
  readonly depth: number;
}
