import type { FieldChange } from '#gateway/field/live-field.ts';
import { Rounds, type RoundsDependencies, type RoundsTask } from './rounds.ts';

/** The rounds of every bus. A bus that stays keeps its rounds, whatever hangs on it. */
export class AllRounds {
  readonly #deps: RoundsDependencies;
  readonly #byBus = new Map<string, Rounds>();
  #isStarted = false;

  constructor(deps: RoundsDependencies) {
    this.#deps = deps;
  }

  start(): void {
    this.#isStarted = true;
    for (const rounds of this.#byBus.values()) rounds.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#byBus.values()].map((rounds) => rounds.stop()));
  }

  /** Resolves when nothing of the former set is being read. */
  async take({ layout, buses, devices, ended }: FieldChange): Promise<void> {
    const over: Promise<void>[] = [];
    for (const [id, bus] of buses) {
      const task = { poll: layout.configuration.poll, devices: devices.filter((device) => device.bus === bus) };
      const known = this.#byBus.get(id);
      if (known === undefined) this.#begin(id, task);
      else over.push(known.take(task, ended));
    }
    for (const [id, rounds] of this.#byBus) {
      if (buses.has(id)) continue;
      this.#byBus.delete(id);
      over.push(rounds.stop());
    }
    await Promise.all(over);
  }

  /** One complete round of every device, now. Resolves when it is in the outbox. */
  async readAll(): Promise<void> {
    await Promise.all([...this.#byBus.values()].map((rounds) => rounds.readAll()));
  }

  #begin(id: string, task: RoundsTask): void {
    const rounds = new Rounds(this.#deps, task);
    this.#byBus.set(id, rounds);
    if (this.#isStarted) rounds.start();
  }
}
