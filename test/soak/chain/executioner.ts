import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, seedOf } from '#simulators/devices/seeded-random.ts';

/** At least and at most, milliseconds. */
export type Span = readonly [number, number];

/** A part of the chain that can be taken away at any moment. */
export interface Victim {
  readonly name: string;
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /** How long it lives before it is taken away. */
  readonly life: Span;
  readonly absence: Span;
}

export interface Execution {
  readonly victim: string;
  /** Milliseconds since the beginning. */
  readonly atMs: number;
  absentMs: number;
}

/**
 * Takes each victim away again and again, at moments of its own that the seed decides, so that absences overlap. Resolves once
 * `until` is aborted and everything is back.
 */
export const execute = async (
  victims: readonly Victim[],
  seed: number,
  until: AbortSignal,
  tell: (execution: Execution) => void,
): Promise<readonly Execution[]> => {
  const startedAt = performance.now();
  const executions: Execution[] = [];
  const haunt = async ({ name, life, absence, takeAway, bringBack }: Victim): Promise<void> => {
    const random = createRandom(seedOf(seed, name));
    const within = ([least, most]: Span): number => least + random() * (most - least);
    for (;;) {
      const isSpared = await pause(within(life), false, { signal: until }).catch(() => true);
      if (isSpared) return;
      const absentMs = within(absence);
      const execution = { victim: name, atMs: Math.round(performance.now() - startedAt), absentMs: Math.round(absentMs) };
      executions.push(execution);
      await takeAway();
      tell(execution);
      await pause(absentMs);
      await bringBack();
    }
  };
  await Promise.all(victims.map(haunt));
  return executions;
};
