import type { Telemetry } from '#contract/messages/telemetry.ts';

/** What a batch carries, before it has its number. */
export interface BatchContent {
  readonly readings: Telemetry['readings'];
  readonly events?: Telemetry['events'];
  readonly reports?: Telemetry['reports'];
}

export interface BatchNumber {
  readonly boot: number;
  readonly seq: number;
}

const NUMBER = /^\{"boot":(\d+),"seq":(\d+)[,}]/;
const NUMBER_BYTES = 64;

/** A batch as it is kept on disk and sent the first time: its number comes first, so that opening a long log parses little. */
export const encodeBatch = (
  { boot, seq }: BatchNumber,
  { readings, events, reports }: BatchContent,
  gap?: Telemetry['gap'],
): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      boot,
      seq,
      readings,
      ...(events === undefined || events.length === 0 ? {} : { events }),
      ...(reports === undefined || reports.length === 0 ? {} : { reports }),
      ...(gap === undefined ? {} : { gap }),
    }),
  );

/** Null when the record is not a batch of ours. */
export const batchNumberOf = (payload: Uint8Array): BatchNumber | null => {
  const [, boot, seq] = NUMBER.exec(new TextDecoder().decode(payload.subarray(0, NUMBER_BYTES))) ?? [];
  return boot === undefined || seq === undefined ? null : { boot: Number(boot), seq: Number(seq) };
};

/** The text to publish when it is sent again, or late. */
export const historicalText = (payload: Uint8Array): string =>
  new TextDecoder().decode(payload).replace(NUMBER, (number) => `${number.slice(0, -1)},"historical":true${number.slice(-1)}`);

export const parseBatch = (payload: Uint8Array): Telemetry => JSON.parse(new TextDecoder().decode(payload)) as Telemetry;
